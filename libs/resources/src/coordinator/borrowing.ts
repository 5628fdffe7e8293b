import { LeaseReleasedError } from '../errors/lease-released-error.js';
import { PoolClosedError } from '../errors/pool-closed-error.js';
import { UnknownResourceError } from '../errors/unknown-resource-error.js';
import { type Lease, PoolLease } from '../pool/lease.js';
import type { AcquireOptions } from '../pool/resource-pool.js';
import type { LeaseScope } from './lease-scope.js';
import type { PoolRegistry } from './pool-registry.js';
import type { ScopeRegistry } from './scope-registry.js';

/** Work with a borrowed resource. The registry knows no types; whoever asks does. */
export type BorrowedUse<R> = (resource: never, lease: Lease<never>) => R | PromiseLike<R>;

/**
 * Brings whoever asks the coordinator together with the pool of the type: a scope, to which the lease then
 * belongs, or nobody in particular. The pools lend; this class says to whom, and who is refused.
 */
export class Borrowing {
  /** @param refuses whether a scope, or work without one, gets nothing any more */
  constructor(
    private readonly registry: PoolRegistry,
    private readonly scopes: ScopeRegistry,
    readonly refuses: (scope: LeaseScope | undefined) => boolean,
  ) {}

  async acquire(
    scope: LeaseScope | undefined,
    type: string,
    options: AcquireOptions | undefined,
  ): Promise<Lease<unknown>> {
    const lease = await this.lendTo(scope, type, options);
    if (scope === undefined) return lease;
    if (!scope.open) {
      void lease.release(); // the scope ended meanwhile
      throw new LeaseReleasedError(type, scope.owner);
    }
    scope.adopt(lease);
    return lease;
  }

  tryAcquire(scope: LeaseScope | undefined, type: string): Lease<unknown> | undefined {
    const lease = this.tryLendTo(scope, type);
    if (lease !== undefined) scope?.adopt(lease);
    return lease;
  }

  async use<R>(
    scope: LeaseScope | undefined,
    type: string,
    work: BorrowedUse<R>,
    options: AcquireOptions | undefined,
  ): Promise<R> {
    const lease = await this.lendTo(scope, type, options);
    if (scope !== undefined) this.scopes.useBegan(lease, scope);
    try {
      return await work(lease.resource as never, lease as Lease<never>); // the registry knows no types; the caller does
    } finally {
      this.scopes.useEnded(lease);
      void lease.release(); // never rejects, and the caller need not wait for a reset
    }
  }

  /** @throws UnknownResourceError for something that is not on loan to this scope or to none */
  async release(scope: LeaseScope | undefined, leaseOrResource: unknown): Promise<void> {
    if (leaseOrResource instanceof PoolLease) return await leaseOrResource.release();
    const own = scope?.leaseOf(leaseOrResource);
    if (own !== undefined) return await own.release();
    const lease = this.registry.leaseOf(leaseOrResource, (lease) => {
      const owner = this.scopes.ownerOf(lease);
      return owner === undefined || owner === scope;
    });
    if (lease === undefined) throw UnknownResourceError.forResource(this.registry.types);
    await lease.release();
  }

  /** Borrows for a scope, or for nobody in particular. */
  async lendTo(
    scope: LeaseScope | undefined,
    type: string,
    options: AcquireOptions | undefined,
  ): Promise<Lease<unknown>> {
    const owner = options?.owner ?? scope?.owner;
    if (this.refuses(scope)) throw new PoolClosedError(type, owner ?? 'a new caller');
    return await this.registry.require(type).acquire({ ...options, owner });
  }

  /** The same, of what is idle, at once or not at all. */
  tryLendTo(scope: LeaseScope | undefined, type: string): Lease<unknown> | undefined {
    return this.refuses(scope) ? undefined : this.registry.require(type).tryAcquire({ owner: scope?.owner });
  }
}
