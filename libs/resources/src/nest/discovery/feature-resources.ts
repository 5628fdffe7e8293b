import type { ModulesContainer } from '@nestjs/core';
import type { ResourceDefinitions } from '../../coordinator/resource-definition.js';
import { importersOf } from './importers-of.js';

/** The definitions of one `forFeature()`, as a provider that the explorer finds. */
export class FeatureResources {
  readonly #definitions: ResourceDefinitions;

  constructor(definitions: ResourceDefinitions) {
    this.#definitions = definitions;
  }

  /** Whether it is one, without asking it. */
  static isOne(instance: object): instance is FeatureResources {
    return #definitions in instance;
  }

  get definitions(): ResourceDefinitions {
    return this.#definitions;
  }

  /** The modules that import it, for messages. */
  importersIn(modules: ModulesContainer): string {
    for (const module of modules.values()) {
      for (const { instance } of module.providers.values())
        if (instance === this) return importersOf(modules, module);
    }
    return 'a module';
  }
}
