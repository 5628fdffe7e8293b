import { Injectable } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { CachedResourceFactory } from '../../cache/cached-resources.js';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { ResourceOverrides } from '../../coordinator/resource-overrides.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { type Dependent, inOrder } from '../../lifecycle/dependency-graph.js';
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
import { type KnownTypes, Registrations } from './registrations.js';
import type { Modules } from './importers-of.js';
import { staticInstances } from './static-instances.js';

/** What is to be registered, and who declares it. */
interface Found extends Dependent {
  readonly source: LeaseSource;
  readonly place: string;
  register(): void;
}

const explorers = new WeakMap<ModulesContainer, ResourcesExplorer>();

/**
 * Finds what the application declares about resources, pooled and cached: definitions of features, factory classes, and
 * the places that ask for a type. It looks through this application's modules only, so that
 * several applications can live in one process.
 */
@Injectable()
export class ResourcesExplorer {
  /** Undefined until the start, which finds all that is there by then. */
  private registrations: Registrations | undefined;

  constructor(
    private readonly modules: ModulesContainer,
    private readonly coordinator: ResourceCoordinator,
    private readonly overrides: ResourceOverrides,
  ) {
    explorers.set(modules, this);
  }

  /** @returns that of an application; undefined where nobody has imported the module */
  static of(modules: ModulesContainer): ResourcesExplorer | undefined {
    return explorers.get(modules);
  }

  /** @throws InvalidOptionsError for a type that is taken, a factory or option that cannot work, or a replaced lease */
  registerFactories(): void {
    this.registrations = new Registrations(this.known, 'ResourcesModule.forRoot()');
    this.registerThoseOf(this.modules, this.registrations, (found) => found);
  }

  /** Registers what was loaded when all had started: it starts at once. @throws InvalidOptionsError for the same, PoolClosedError when draining */
  registerLate(late: Modules): void {
    if (this.registrations === undefined) return;
    this.registrations.follow(this.known, 'register()');
    this.registerThoseOf(late, this.registrations, dependenciesFirst);
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

  private get known(): KnownTypes {
    const { pools, cachedResources } = this.coordinator;
    return { pool: [...pools.keys()], cache: [...cachedResources.keys()] };
  }

  /** @param inTurn brings them into the order in which they are registered */
  private registerThoseOf(
    modules: Modules,
    registrations: Registrations,
    inTurn: (found: readonly Found[]) => readonly Found[],
  ): void {
    refuseReplacedLeases(modules, this.coordinator);
    refuseScopedFactories(modules);
    const found = [...this.featuresOf(modules), ...this.factoriesOf(modules)];
    for (const { source, type, place, at } of found) registrations.add(source, type, place, at);
    for (const each of inTurn(found)) each.register();
  }

  private featuresOf(modules: Modules): Found[] {
    return [...staticInstances(modules).keys()].flatMap((instance) => {
      if (!FeatureResources.isOne(instance)) return [];
      const place = `ResourcesModule.forFeature() of ${instance.importersIn(this.modules)}`;
      return Object.entries(instance.definitions).map(([type, definition]) => ({
        source: 'pool' as const,
        type,
        place,
        at: `forFeature.${type}`,
        dependsOn: dependenciesIn(definition),
        register: () => this.coordinator.registerAll({ [type]: definition }, 'forFeature'),
      }));
    });
  }

  private factoriesOf(modules: Modules): Found[] {
    return providedFactories(modules).map((provided) => {
      const { source, type, options } = provided.declared;
      const at = `${source === 'pool' ? 'resources' : 'cachedResources'}.${type}`;
      const register = (): void => this.register(provided);
      return { source, type, place: provided.place, at, dependsOn: dependenciesIn(options), register };
    });
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

/** Once all have started, what a type depends on must be there when it is registered. */
function dependenciesFirst(found: readonly Found[]): Found[] {
  const byName = new Map(found.map((each) => [each.source === 'pool' ? each.type : each.at, each]));
  for (const each of found) if (!byName.has(each.type)) byName.set(each.type, each);
  return inOrder(byName);
}

/** What can't be read is for the registration to refuse. */
function dependenciesIn(options: unknown): string[] {
  if (typeof options !== 'object' || options === null || !('dependsOn' in options)) return [];
  const { dependsOn } = options;
  return Array.isArray(dependsOn) ? dependsOn.filter((name) => typeof name === 'string') : [];
}
