import { isObservable, tap } from 'rxjs';
import { isThenable } from '../../hooks/is-thenable.js';
import { loadOf, scopeOf } from '../../scopes/current-scope.js';
import { openTransactions } from '../../transactions/transaction-frame.js';
import type { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { copyIdentity } from '../copy-identity.js';
import type { CachedEntries } from './cached-entries.js';
import {
  type CachedOptions,
  type DecoratedMethod,
  type EvictsOptions,
  keyFunctionsOf,
  type Method,
  type MethodTags,
} from '../decorators/cached-method.js';
import { argumentsKey, requestKeys } from './method-key.js';

/** What stands in front of a method now, in whatever application. */
const wrappers = new WeakSet<object>();

/** Whether a method of an instance is behind the cache of an application already. */
export function isWrapped(method: unknown): boolean {
  return typeof method === 'function' && wrappers.has(method);
}

/**
 * Puts the cache in front of the decorated methods of one application's providers. It changes the instances and never the
 * classes, because two applications in one process have two caches.
 */
export class CachedMethods {
  private readonly undo: (() => void)[] = [];

  constructor(private readonly coordinator: ResourceCoordinator) {}

  /**
   * @param entries of the method on this instance, if it is cached
   * @throws InvalidOptionsError when the instance can't be changed
   */
  wrap(
    instance: object,
    { name, method, cached, evicts }: DecoratedMethod,
    entries: CachedEntries | undefined,
  ): void {
    let wrapped = method;
    if (cached !== undefined && entries !== undefined)
      wrapped = this.cached(instance, wrapped, cached, entries);
    if (evicts !== undefined) wrapped = evicting(this.coordinator, wrapped, evicts);
    copyIdentity(method, wrapped);
    wrappers.add(wrapped);
    const property = { value: wrapped, configurable: true, writable: true, enumerable: false };
    if (Reflect.defineProperty(instance, name, property)) {
      this.undo.push(() => {
        if (Reflect.get(instance, name) === wrapped) Reflect.deleteProperty(instance, name);
      });
      return;
    }
    throw new InvalidOptionsError(
      `@Cached() or @Evicts() of ${String(name)}`,
      `can't wrap a method of a frozen object. Don't freeze providers that have such methods.`,
    );
  }

  /** Takes the cache away again: an instance may be provided to another application later. */
  unwrap(): void {
    for (const undo of this.undo.splice(0)) undo();
  }

  private cached(
    instance: object,
    method: Method,
    options: CachedOptions,
    { place, keyOf }: CachedEntries,
  ): Method {
    const { key: _key, by: _by, name: _name, tags = [], ...rest } = options;
    const functions = keyFunctionsOf(options);
    const { coordinator } = this;
    return async function (...args) {
      // What was made of the instance, such as by Object.create, may answer otherwise.
      if (this !== instance) return await method.apply(this, args);
      const by = requestKeys(place, functions, scopeOf(coordinator), loadOf(coordinator));
      const key = keyOf(by.values(), argumentsKey(place, options, args));
      const load = (): unknown => method.apply(this, args);
      return await coordinator.cache.wrap(key, load, {
        ...rest,
        tags: tagsOf(tags, args),
        origin: { place, by },
      });
    };
  }
}

function evicting(coordinator: ResourceCoordinator, method: Method, { tags }: EvictsOptions): Method {
  return function (...args) {
    const forgotten = tagsOf(tags, args); // before the work: when it fails, nothing has been done
    const evict = (): void => void coordinator.cache.invalidateTags(forgotten);
    // What is not committed yet would be loaded as it was before.
    const succeeded = (): void => {
      const open = openTransactions(coordinator);
      if (open.length === 0) return evict();
      for (const transaction of open)
        transaction.whenEnded((outcome) => {
          if (outcome !== 'rolledBack') evict();
        });
    };
    const result = method.apply(this, args);
    // Not everybody waits for more than its first value.
    if (isObservable(result)) return result.pipe(tap({ next: succeeded, complete: succeeded }));
    if (!isThenable(result)) {
      succeeded();
      return result;
    }
    return Promise.resolve(result).then((value) => {
      succeeded();
      return value;
    });
  };
}

function tagsOf(tags: MethodTags, args: readonly unknown[]): readonly string[] {
  return typeof tags === 'function' ? tags(...(args as never[])) : tags; // the method's own arguments
}
