import type { ArgumentsHost } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { scopedNameOf } from '../../coordinator/cache-registry.js';
import { scopeOf } from '../../coordinator/current-scope.js';
import { type ScopedLease, ScopedLeaseHandle, type ScopeOpener } from '../../coordinator/scoped-lease.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { NoLeaseScopeError } from '../../errors/no-lease-scope-error.js';
import type { AcquireOptions } from '../../pool/acquire-options.js';
import { format } from '../../time/duration.js';
import { HttpLeaseScope } from '../http/http-lease-scope.js';
import type { ResourceKey } from './cached-lease-token.js';

/**
 * What `@CachedResource` injects into a constructor or a property. It serves all requests: each time it finds the
 * current request, and by that the key; what it does with the lease is the scoped lease's.
 */
export class CachedLeaseHandle<T> implements ScopedLease<T> {
  constructor(
    private readonly opener: ScopeOpener,
    private readonly type: string,
    private readonly key: ResourceKey,
  ) {}

  async acquire(options?: AcquireOptions): Promise<T> {
    return await this.handle.acquire(options);
  }

  get resource(): T {
    return this.handle.resource;
  }

  async use<R>(work: (resource: T) => R | PromiseLike<R>): Promise<R> {
    return await this.handle.use(work);
  }

  async release(): Promise<void> {
    await this.handle.release();
  }

  async invalidate(reason?: unknown): Promise<void> {
    await this.handle.invalidate(reason);
  }

  bind<F extends (...args: never[]) => unknown>(fn: F): F {
    return this.handle.bind(fn);
  }

  private get handle(): ScopedLeaseHandle<T> {
    const { key, type } = this;
    const name = scopedNameOf(type, typeof key === 'string' ? key : readKey(type, key, this.request));
    return new ScopedLeaseHandle<T>(this.opener, name);
  }

  private get request(): ArgumentsHost {
    const scope = scopeOf(this.opener);
    if (!(scope instanceof HttpLeaseScope)) throw NoLeaseScopeError.forKey(this.type, scope?.owner);
    return new ExecutionContextHost([...scope.handlerArguments]);
  }
}

/** @throws InvalidOptionsError when the function finds no key: no resource is shared by those who have none */
export function readKey(type: string, key: ResourceKey, context: ArgumentsHost): string {
  const found: unknown = typeof key === 'string' ? key : key(context);
  if (typeof found === 'string' && found !== '') return found;
  throw new InvalidOptionsError(
    `@CachedResource('${type}')`,
    `needs a key, a string that is not empty; its function found ${format(found)}. ` +
      `Refuse requests without one before, in a guard or a middleware.`,
    type,
  );
}
