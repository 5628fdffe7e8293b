import { Injectable } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { CachedResourceFactory } from '../../cache/cached-resources.js';
import type { KeyFunction } from '../../cache/loads/load-host.js';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { UnknownResourceError } from '../../errors/unknown-resource-error.js';
import { declaredClasses } from './declared-classes.js';
import { usagesOf } from '../decorators/resource-usage.js';
import { classOf, staticInstances } from './static-instances.js';
import { CachedEntryNames } from '../caching/cached-entries.js';
import { type DecoratedMethod, decoratedMethodsOf, keyFunctionsOf } from '../decorators/cached-method.js';
import { CachedMethods } from '../caching/cached-methods.js';
import { cachedFactoryMetadataOf } from '../decorators/cached-resource-factory.decorator.js';
import { cachedUsagesOf } from '../decorators/cached-resource-usage.js';
import { checkParameters } from '../caching/method-key.js';

/**
 * Finds what the application declares about the cache: factories of cached resources, the places that ask for one,
 * and cached methods. It looks through this application's modules only.
 */
@Injectable()
export class CacheExplorer {
  private readonly methods: CachedMethods;

  constructor(
    private readonly modules: ModulesContainer,
    private readonly coordinator: ResourceCoordinator,
  ) {
    this.methods = new CachedMethods(coordinator);
  }

  /** @throws InvalidOptionsError for a type that is taken, or a factory or option that cannot work */
  registerFactories(): void {
    for (const instance of staticInstances(this.modules).keys()) {
      const owner = classOf(instance);
      const metadata = owner === undefined ? undefined : cachedFactoryMetadataOf(owner);
      if (owner === undefined || metadata === undefined) continue;
      refuseRequest(
        owner,
        `@CachedResourceFactory('${metadata.type}')`,
        [],
        'What it creates is for all who ask.',
      );
      // The class promised so by the decorator; its methods are checked on registration.
      const factory = instance as CachedResourceFactory<unknown>;
      this.coordinator.registerCached(metadata.type, factory, metadata.options);
    }
  }

  /** @throws UnknownResourceError naming the places that ask for a type that nobody registered */
  checkUsages(): void {
    const usages = [...declaredClasses(this.modules)].flatMap((owner) => cachedUsagesOf(owner));
    const known = this.coordinator.cachedResources;
    const unknown = usages.find(({ type }) => !known.has(type));
    if (unknown === undefined) return;
    const places = usages.filter(({ type }) => type === unknown.type).map(({ place }) => place);
    throw UnknownResourceError.forCachedType(unknown.type, [...known.keys()], [...new Set(places)]);
  }

  /** @throws InvalidOptionsError for a method that can't be cached */
  wrapMethods(): void {
    this.refuseOthers();
    const names = new CachedEntryNames(this.coordinator.cache.hasStores);
    for (const [instance, provider] of staticInstances(this.modules)) {
      const owner = classOf(instance);
      for (const decorated of decoratedMethodsOf(owner ?? null)) {
        // A method that a subclass has overridden is not the decorated one.
        if (owner === undefined || Reflect.get(instance, decorated.name) !== decorated.method) continue;
        const { cached } = decorated;
        if (cached !== undefined) checkCached(owner, decorated);
        const entries = cached && names.add(placeOf(owner, decorated), cached.name, provider);
        this.methods.wrap(instance, decorated, entries);
      }
    }
  }

  /** The application has ended. */
  unwrapMethods(): void {
    this.methods.unwrap();
  }

  /** A method is put behind the cache when the application starts: what is made later can't be. */
  private refuseOthers(): void {
    for (const owner of declaredClasses(this.modules, ['controllers'])) refuse(owner, 'is a controller');
    for (const module of this.modules.values()) {
      for (const [token, wrapper] of module.providers) {
        if (wrapper.isDependencyTreeStatic() && !wrapper.isTransient) continue;
        // Of a factory provider, only the token can tell the class.
        for (const owner of [token, wrapper.metatype])
          if (typeof owner === 'function') refuse(owner, 'is made per request or per consumer');
      }
    }
  }
}

function refuse(owner: object, why: string): void {
  const [decorated] = decoratedMethodsOf(owner);
  if (decorated === undefined) return;
  throw new InvalidOptionsError(
    placeOf(owner, decorated),
    `can't be decorated with @Cached() or @Evicts(): ${nameOf(owner)} ${why}. Move the method to a singleton provider.`,
  );
}

function checkCached(owner: object, decorated: DecoratedMethod): void {
  const { cached = {}, parameters } = decorated;
  const place = placeOf(owner, decorated);
  if (cached.key === undefined) checkParameters(place, parameters);
  const remedy = `Declare it: @Cached({ by: keyFunction }), with the function that stands there.`;
  refuseRequest(owner, `@Cached() of ${place}`, keyFunctionsOf(cached), remedy);
}

/**
 * What a load borrows by a key of the request would reach others. A class that asks for such a resource is taken to
 * use it in its loads.
 *
 * @param by the key functions on which the load's entry depends
 */
function refuseRequest(owner: object, option: string, by: readonly KeyFunction[], remedy: string): void {
  const keys = [
    ...usagesOf(owner).map(({ type, terms, place }) => ({ type, key: terms?.key, place })),
    ...cachedUsagesOf(owner),
  ];
  const dependent = keys.find(({ key }) => typeof key === 'function' && !by.includes(key));
  if (dependent === undefined) return;
  const { type, place } = dependent;
  throw new InvalidOptionsError(
    option,
    `depends on the request, because ${nameOf(owner)} has a "${type}" by a key of the request: ${place}. ${remedy}`,
    type,
  );
}

function placeOf(owner: object, { name }: DecoratedMethod): string {
  return `${nameOf(owner)}.${String(name)}`;
}

function nameOf(owner: object): string {
  const { name } = owner as { name?: unknown }; // classes have one, but a static member may stand in its place
  return typeof name === 'string' && name !== '' ? name : '(anonymous class)';
}
