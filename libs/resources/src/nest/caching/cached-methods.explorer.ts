import { Injectable } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import {
  type DecoratedMethod,
  decoratedMethodsOf,
  keyFunctionsOf,
  type Method,
  placeOfMethod,
} from '../decorators/cached-method.js';
import { originalOf } from '../decorators/transactional.decorator.js';
import { classOf, nameOf } from '../discovery/class-of.js';
import { declaredClasses } from '../discovery/declared-classes.js';
import { refuseRequest } from '../discovery/refuse-request.js';
import { staticInstances } from '../discovery/static-instances.js';
import { ResourcesLog } from '../log/resources-log.js';
import { CachedEntryNames } from './cached-entries.js';
import { CachedMethods, isWrapped } from './cached-methods.js';
import { checkParameters } from './method-key.js';
import { describeReplaced, isReplaced } from './replaced-method.js';

/**
 * Finds the methods that the application declares as cached, and refuses those that can't be. It looks through this
 * application's modules only.
 */
@Injectable()
export class CachedMethodsExplorer {
  private readonly methods: CachedMethods;

  constructor(
    private readonly modules: ModulesContainer,
    private readonly coordinator: ResourceCoordinator,
    private readonly log: ResourcesLog,
  ) {
    this.methods = new CachedMethods(coordinator);
  }

  /** @throws InvalidOptionsError for a method that can't be cached */
  wrap(): void {
    this.refuseOthers();
    const names = new CachedEntryNames(this.coordinator.cache.hasStores);
    for (const [instance, provider] of staticInstances(this.modules)) {
      const owner = classOf(instance);
      for (const decorated of decoratedMethodsOf(owner ?? null)) {
        if (owner === undefined) continue;
        const method: unknown = Reflect.get(instance, decorated.name);
        if (isWrapped(method)) throw ofOther(placeOfMethod(owner, decorated), provider);
        // A method that a subclass has overridden is not the decorated one.
        if (originalOf(method) !== originalOf(decorated.method)) {
          if (isReplaced(instance, decorated)) this.log.write('warn', describeReplaced(owner, decorated));
          continue;
        }
        const { cached } = decorated;
        if (cached !== undefined) checkCached(owner, decorated);
        const entries = cached && names.add(placeOfMethod(owner, decorated), cached.name, provider);
        this.methods.wrap(instance, { ...decorated, method: method as Method }, entries); // as such it was declared
      }
    }
  }

  /** The application has ended. */
  unwrap(): void {
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
    placeOfMethod(owner, decorated),
    `can't be decorated with @Cached() or @Evicts(): ${nameOf(owner)} ${why}. Move the method to a singleton provider.`,
  );
}

function checkCached(owner: object, decorated: DecoratedMethod): void {
  const { cached = {}, parameters } = decorated;
  const place = placeOfMethod(owner, decorated);
  if (cached.key === undefined) checkParameters(place, parameters);
  const remedy = `Declare it: @Cached({ by: keyFunction }), with the function that stands there.`;
  refuseRequest(owner, `@Cached() of ${place}`, keyFunctionsOf(cached), remedy);
}

function ofOther(place: string, provider: string): InvalidOptionsError {
  return new InvalidOptionsError(
    place,
    `stands behind the cache of another application already: ${provider} is the same object there. ` +
      `Give each application an instance of its own, or close the other one first.`,
  );
}
