import type { ModulesContainer } from '@nestjs/core';
import type { ResourceDefinitions } from '../../coordinator/resource-definition.js';
import { importersOf } from './importers-of.js';

/** The definitions of one `forFeature()`, as a provider that the explorer finds. */
export class FeatureResources {
  constructor(readonly definitions: ResourceDefinitions) {}

  /** The modules that import it, for messages. */
  importersIn(modules: ModulesContainer): string {
    for (const module of modules.values()) {
      for (const { instance } of module.providers.values())
        if (instance === this) return importersOf(modules, module);
    }
    return 'a module';
  }
}
