import type { ResourceCache } from '../../cache/resource-cache.js';
import { scopeOf } from '../../coordinator/current-scope.js';
import type { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { copyIdentity } from '../copy-identity.js';
import { types } from 'node:util';
import type { CachedOptions, DecoratedMethod, EvictsOptions, Method, MethodTags } from './cached-method.js';
import { keyOf } from './method-key.js';

/**
 * Puts the cache before the decorated methods of one application's providers. It changes the instances and never the
 * classes, because two applications in one process have two caches.
 */
export class CachedMethods {
  constructor(private readonly coordinator: ResourceCoordinator) {}

  /** @param owner the class's name, by which its keys begin */
  wrap(instance: object, owner: string, { name, method, cached, evicts }: DecoratedMethod): void {
    const place = `${owner}.${String(name)}`;
    let wrapped = method;
    if (cached !== undefined) wrapped = this.cached(place, wrapped, cached);
    if (evicts !== undefined) wrapped = evicting(this.coordinator.cache, wrapped, evicts);
    copyIdentity(method, wrapped);
    Object.defineProperty(instance, name, { value: wrapped, configurable: true, writable: true });
  }

  private cached(place: string, method: Method, options: CachedOptions): Method {
    const { key: _key, tags = [], ...rest } = options;
    const { coordinator } = this;
    return async function (...args) {
      const key = keyOf(place, options, args);
      const load = (): Promise<unknown> => inScope(coordinator, place, () => method.apply(this, args));
      return await coordinator.cache.wrap(key, load, { ...rest, tags: tagsOf(tags, args) });
    };
  }
}

/** The work belongs to the scope of whoever called first, which stays open until it is done, though others wait for it, too. */
async function inScope(
  coordinator: ResourceCoordinator,
  place: string,
  work: () => unknown,
): Promise<unknown> {
  const scope = scopeOf(coordinator);
  if (scope === undefined || !scope.open) return await coordinator.runIn('cached', place, work);
  scope.enter();
  try {
    return await work();
  } finally {
    scope.leave();
  }
}

function evicting(cache: ResourceCache, method: Method, { tags }: EvictsOptions): Method {
  return function (...args) {
    const forgotten = tagsOf(tags, args); // before the work: when it fails, nothing has been done
    const result = method.apply(this, args);
    if (!types.isPromise(result)) {
      cache.invalidateTags(forgotten);
      return result;
    }
    return result.then((value) => {
      cache.invalidateTags(forgotten);
      return value;
    });
  };
}

function tagsOf(tags: MethodTags, args: readonly unknown[]): readonly string[] {
  return typeof tags === 'function' ? tags(...(args as never[])) : tags; // the method's own arguments
}
