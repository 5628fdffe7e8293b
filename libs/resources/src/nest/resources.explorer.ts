import { Injectable } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { ResourceCoordinator } from '../coordinator/resource-coordinator.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { UnknownResourceError } from '../errors/unknown-resource-error.js';
import { KeyedResourcePool } from '../pool/keyed-resource-pool.js';
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

  /**
   * @throws UnknownResourceError naming the places that ask for a type that nobody registered, and InvalidOptionsError
   * naming one that gives a key where there are none, or none where there are
   */
  checkUsages(): void {
    const known = [...this.coordinator.pools.keys()];
    const unknown = this.usages().filter(({ type }) => !known.includes(type));
    const [first] = unknown;
    if (first === undefined) return this.checkKeys();
    const places = unknown.filter(({ type }) => type === first.type).map(({ place }) => place);
    throw UnknownResourceError.forType(first.type, known, [...new Set(places)]);
  }

  private checkKeys(): void {
    for (const { type, key, place } of this.usages()) {
      const keyed = this.coordinator.pools.get(type) instanceof KeyedResourcePool;
      if (keyed === (key !== undefined)) continue;
      const problem = keyed
        ? `of ${place} needs a "key": "${type}" has a pool for each key.`
        : `of ${place} has a "key", and "${type}" has one pool for all. Give its pool "keyed" to have one for each key.`;
      throw new InvalidOptionsError('@PooledResource()', problem, type);
    }
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
