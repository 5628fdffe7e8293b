import { Injectable } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { CachedResourceFactory } from '../../cache/cached-resources.js';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { ResourceOverrides } from '../../coordinator/resource-overrides.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { UnknownResourceError } from '../../errors/unknown-resource-error.js';
import type { ResourceFactory } from '../../pool/factory/resource-factory.js';
import { KeyedResourcePool } from '../../pool/keyed/keyed-resource-pool.js';
import type { LeaseSource } from '../../scopes/borrow-options.js';
import { type ResourceUsage, usagesOf } from '../decorators/resource-usage.js';
import { declaredClasses } from './declared-classes.js';
import { FeatureResources } from './feature-resources.js';
import { type ProvidedFactory, providedFactories } from './provided-factories.js';
import { refuseReset, refuseScopedFactories } from './refuse-factories.js';
import { refusePositions } from './refuse-positions.js';
import { refuseReplacedLeases } from './refuse-replaced.js';
import { refuseRequest } from './refuse-request.js';
import { Registrations } from './registrations.js';
import { staticInstances } from './static-instances.js';

/**
 * Finds what the application declares about resources, pooled and cached: definitions of features, factory classes, and
 * the places that ask for a type. It looks through this application's modules only, so that
 * several applications can live in one process.
 */
@Injectable()
export class ResourcesExplorer {
  constructor(
    private readonly modules: ModulesContainer,
    private readonly coordinator: ResourceCoordinator,
    private readonly overrides: ResourceOverrides,
  ) {}

  /** @throws InvalidOptionsError for a type that is taken, a factory or option that cannot work, or a replaced lease */
  registerFactories(): void {
    refuseReplacedLeases(this.modules, this.coordinator);
    refuseScopedFactories(this.modules);
    const { pools, cachedResources } = this.coordinator;
    const registrations = new Registrations({ pool: pools.keys(), cache: cachedResources.keys() });
    for (const instance of staticInstances(this.modules).keys())
      if (FeatureResources.isOne(instance)) this.registerFeature(instance, registrations);
    for (const provided of providedFactories(this.modules)) {
      const { declared, place } = provided;
      const at = declared.source === 'pool' ? 'resources' : 'cachedResources';
      registrations.add(declared.source, declared.type, place, `${at}.${declared.type}`);
      this.register(provided);
    }
  }

  /**
   * @throws UnknownResourceError naming the places that ask for a type that was never registered, and InvalidOptionsError
   * naming one that gives a key for a type without keys, or none for a keyed type, or that nothing ever fills
   */
  checkUsages(): void {
    const { pools, cachedResources } = this.coordinator;
    this.overrides.check(pools, cachedResources);
    this.refuseUnknown('pool', pools, (type, ...found) =>
      UnknownResourceError.forType(type, ...found, cachedResources.has(type)),
    );
    this.checkKeys();
    refusePositions(this.modules);
    this.refuseUnknown('cache', cachedResources, (type, ...found) =>
      UnknownResourceError.forCachedType(type, ...found, pools.has(type)),
    );
  }

  /** @param provided is promised by the decorator to be a factory; its methods are checked on registration */
  private register({ declared, owner, instance }: ProvidedFactory): void {
    const { source, type, options } = declared;
    if (source === 'pool') {
      this.coordinator.register(type, instance as ResourceFactory<unknown>, options);
      return;
    }
    refuseRequest(owner, `@CachedResourceFactory('${type}')`, [], 'What it creates serves every caller.');
    refuseReset(declared, owner, instance);
    this.coordinator.registerCached(type, instance as CachedResourceFactory<unknown>, options);
  }

  private registerFeature(feature: FeatureResources, registrations: Registrations): void {
    const { definitions } = feature;
    const place = `ResourcesModule.forFeature() of ${feature.importersIn(this.modules)}`;
    for (const type of Object.keys(definitions)) registrations.add('pool', type, place, `forFeature.${type}`);
    this.coordinator.registerAll(definitions, 'forFeature');
  }

  private refuseUnknown(
    source: LeaseSource,
    registered: ReadonlyMap<string, unknown>,
    error: (type: string, known: string[], places: string[]) => UnknownResourceError,
  ): void {
    const unknown = this.usages(source).filter(({ lease }) => !registered.has(lease.type));
    const [first] = unknown;
    if (first === undefined) return;
    const { type } = first.lease;
    const places = unknown.filter(({ lease }) => lease.type === type).map(({ place }) => place);
    throw error(type, [...registered.keys()], [...new Set(places)]);
  }

  private checkKeys(): void {
    for (const { lease, place } of this.usages('pool')) {
      const { type, key } = lease;
      const keyed = this.coordinator.pools.get(type) instanceof KeyedResourcePool;
      if (keyed === (key !== undefined)) continue;
      const problem = keyed
        ? `of ${place} needs a "key": "${type}" has a pool for each key.`
        : `of ${place} has a "key", and "${type}" has one pool for all. Give its pool "keyed" to have one for each key.`;
      throw new InvalidOptionsError('@PooledResource()', problem, type);
    }
  }

  private usages(source: LeaseSource): ResourceUsage[] {
    return [...declaredClasses(this.modules)]
      .flatMap((owner) => usagesOf(owner))
      .filter(({ lease }) => lease.source === source);
  }
}
