import { Injectable } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { ResourceCoordinator } from '../coordinator/resource-coordinator.js';
import { UnknownResourceError } from '../errors/unknown-resource-error.js';
import type { ResourceFactory } from '../pool/resource-factory.js';
import { FeatureResources } from './feature-resources.js';
import { factoryMetadataOf } from './resource-factory.decorator.js';
import { type ResourceUsage, usagesOf } from './resource-usage.js';

/**
 * Finds what the application declares about resources: definitions of features, factory classes, and
 * the places that ask for a type. It looks through this application's modules only, so that
 * several applications can live in one process.
 */
@Injectable()
export class ResourcesExplorer {
  constructor(
    private readonly modules: ModulesContainer,
    private readonly coordinator: ResourceCoordinator,
  ) {}

  /** @throws InvalidOptionsError for a type that is taken, or a factory or option that cannot work */
  registerFactories(): void {
    for (const instance of this.instances()) {
      if (instance instanceof FeatureResources) {
        this.coordinator.registerAll(instance.definitions, 'forFeature');
        continue;
      }
      const metadata = factoryMetadataOf(instance.constructor);
      if (metadata !== undefined) {
        // The class promised so by the decorator; register() checks its methods.
        this.coordinator.register(metadata.type, instance as ResourceFactory<unknown>, metadata.options);
      }
    }
  }

  /** @throws UnknownResourceError naming the places that ask for a type that nobody registered */
  checkUsages(): void {
    const known = [...this.coordinator.pools.keys()];
    const unknown = this.usages().filter(({ type }) => !known.includes(type));
    const [first] = unknown;
    if (first === undefined) return;
    const places = unknown.filter(({ type }) => type === first.type).map(({ place }) => place);
    throw UnknownResourceError.forType(first.type, known, [...new Set(places)]);
  }

  private usages(): ResourceUsage[] {
    const classes = new Set<object>();
    for (const module of this.modules.values()) {
      for (const wrapper of [
        ...module.controllers.values(),
        ...module.providers.values(),
        ...module.injectables.values(),
      ]) {
        const { metatype } = wrapper;
        // Of a factory provider, the metatype is the factory function: it has no usages.
        if (typeof metatype === 'function') classes.add(metatype);
      }
    }
    return [...classes].flatMap((owner) => usagesOf(owner));
  }

  /** Every static provider's instance, once. */
  private instances(): Set<object> {
    const instances = new Set<object>();
    for (const module of this.modules.values()) {
      for (const wrapper of module.providers.values()) {
        if (!wrapper.isDependencyTreeStatic() || wrapper.isTransient) continue;
        const instance: unknown = wrapper.instance;
        if (typeof instance === 'object' && instance !== null) instances.add(instance);
      }
    }
    return instances;
  }
}
