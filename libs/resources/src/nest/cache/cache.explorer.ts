import { Injectable } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { CachedResourceFactory } from '../../cache/cached-resources.js';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { UnknownResourceError } from '../../errors/unknown-resource-error.js';
import { declaredClasses } from '../declared-classes.js';
import { staticInstances } from '../static-instances.js';
import { type DecoratedMethod, decoratedMethodsOf } from './cached-method.js';
import { CachedMethods } from './cached-methods.js';
import { cachedFactoryMetadataOf } from './cached-resource-factory.decorator.js';
import { cachedUsagesOf } from './cached-resource-usage.js';
import { checkParameters } from './method-key.js';

/**
 * Finds what the application declares about the cache: factories of cached resources, the places that ask for one,
 * and cached methods. It looks through this application's modules only.
 */
@Injectable()
export class CacheExplorer {
  /** Which class a name in keys stands for: two classes may have one name. */
  private readonly owners = new Map<string, unknown>();

  constructor(
    private readonly modules: ModulesContainer,
    private readonly coordinator: ResourceCoordinator,
  ) {}

  /** @throws InvalidOptionsError for a type that is taken, or a factory or option that cannot work */
  registerFactories(): void {
    for (const instance of staticInstances(this.modules)) {
      const metadata = cachedFactoryMetadataOf(instance.constructor);
      if (metadata === undefined) continue;
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
    const methods = new CachedMethods(this.coordinator);
    for (const instance of staticInstances(this.modules)) {
      for (const decorated of decoratedMethodsOf(instance.constructor)) {
        // A method that a subclass has overridden is not the decorated one.
        if (Reflect.get(instance, decorated.name) !== decorated.method) continue;
        checkKey(instance.constructor, decorated);
        methods.wrap(instance, this.nameOf(instance.constructor), decorated);
      }
    }
  }

  /** A method is put behind the cache when the application starts: what is made later can't be. */
  private refuseOthers(): void {
    for (const owner of declaredClasses(this.modules, ['controllers'])) refuse(owner, 'is a controller');
    for (const module of this.modules.values()) {
      for (const wrapper of module.providers.values()) {
        const isStatic = wrapper.isDependencyTreeStatic() && !wrapper.isTransient;
        if (typeof wrapper.metatype === 'function' && !isStatic)
          refuse(wrapper.metatype, 'is made per request or per consumer');
      }
    }
  }

  private nameOf(owner: { readonly name: string }): string {
    for (let number = 1; ; number++) {
      const name = number === 1 ? owner.name : `${owner.name}#${number}`;
      const known = this.owners.get(name);
      if (known === undefined) this.owners.set(name, owner);
      if (known === undefined || known === owner) return name;
    }
  }
}

function refuse(owner: object, why: string): void {
  const [decorated] = decoratedMethodsOf(owner);
  if (decorated === undefined) return;
  const { name } = owner as { name: string }; // classes have one
  throw new InvalidOptionsError(
    `${name}.${String(decorated.name)}`,
    `can't be decorated with @Cached() or @Evicts(): ${name} ${why}. Move the method to a singleton provider.`,
  );
}

function checkKey(owner: { readonly name: string }, { name, cached, parameters }: DecoratedMethod): void {
  if (cached === undefined || cached.key !== undefined) return;
  const place = `${owner.name}.${String(name)}`;
  checkParameters(place, parameters);
  const dependent = cachedUsagesOf(owner).find(({ key }) => typeof key === 'function');
  if (dependent === undefined) return;
  throw new InvalidOptionsError(
    `@Cached() of ${place}`,
    `needs a key: ${owner.name} has a "${dependent.type}" that depends on the request, so its answers may, too.`,
  );
}
