import { Injectable } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { UnknownResourceError } from '../../errors/unknown-resource-error.js';
import { KeyedResourcePool } from '../../pool/keyed/keyed-resource-pool.js';
import type { ResourceFactory } from '../../pool/factory/resource-factory.js';
import { declaredClasses } from './declared-classes.js';
import { FeatureResources } from '../feature-resources.js';
import { factoryMetadataOf } from '../decorators/resource-factory.decorator.js';
import { type ResourceUsage, usagesOf } from '../decorators/resource-usage.js';
import { classOf, staticInstances } from './static-instances.js';

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
    for (const instance of staticInstances(this.modules).keys()) {
      if (instance instanceof FeatureResources) {
        this.coordinator.registerAll(instance.definitions, 'forFeature');
        continue;
      }
      const owner = classOf(instance);
      const metadata = owner === undefined ? undefined : factoryMetadataOf(owner);
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
    for (const { type, terms, place } of this.usages()) {
      const keyed = this.coordinator.pools.get(type) instanceof KeyedResourcePool;
      if (keyed === (terms?.key !== undefined)) continue;
      const problem = keyed
        ? `of ${place} needs a "key": "${type}" has a pool for each key.`
        : `of ${place} has a "key", and "${type}" has one pool for all. Give its pool "keyed" to have one for each key.`;
      throw new InvalidOptionsError('@PooledResource()', problem, type);
    }
  }

  private usages(): ResourceUsage[] {
    return [...declaredClasses(this.modules)].flatMap((owner) => usagesOf(owner));
  }
}
