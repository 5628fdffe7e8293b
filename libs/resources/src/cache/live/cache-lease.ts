import { NOTHING_TO_WAIT_FOR } from '../../hooks/nothing-to-wait-for.js';
import type { LeaseOrigin } from '../../policies/leases/lease-origins.js';
import type { CacheLeaseInfo } from '../../reports/lease-info.js';
import { describeName } from '../../words/describe-name.js';
import { LeaseReleasedError } from '../../errors/lease-released-error.js';
import type { LiveResource } from './live-resource.js';
import type { Room } from '../loads/load-host.js';

/** One loan of a cached resource, which others may use at the same time. It ends exactly once. */
export interface CacheLease<T> {
  readonly key: string;
  /** @throws LeaseReleasedError after the end */
  readonly resource: T;
  /** Milliseconds since the loan began. */
  readonly age: number;
  readonly owner: string;
  /** Whether the loan has ended. */
  readonly ended: boolean;
  /** Ends the lease. A second call, or one after the cache was closed, does nothing. */
  release(): Promise<void>;
  /** Ends the lease and takes the resource out of the cache: it is not lent again, and is destroyed after its last lease. */
  invalidate(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What ends a lease; implemented by `LiveResources`. */
export interface CacheLeaseHost extends Room {
  now(): number;
  /** @param proves whether its end says that the resource works */
  takeBack(lease: CountedLease, proves: boolean): void;
  discard(live: LiveResource): void;
}

/** The only implementation of {@link CacheLease}. A lease is alive while its resource counts it. */
export class CountedLease implements CacheLease<unknown> {
  /**
   * @param serial sequence number of the loan in the cache
   * @param origin where it was acquired, when that was captured
   */
  constructor(
    readonly host: CacheLeaseHost,
    readonly live: LiveResource,
    readonly acquiredAt: number,
    readonly owner: string,
    readonly serial: number,
    readonly origin: LeaseOrigin | undefined,
  ) {}

  get key(): string {
    return this.live.key;
  }

  get ended(): boolean {
    return !this.live.leases.has(this);
  }

  get resource(): unknown {
    if (this.ended) throw new LeaseReleasedError(this.host.type, this.owner);
    return this.live.resource;
  }

  get age(): number {
    return this.host.now() - this.acquiredAt;
  }

  release(): Promise<void> {
    return this.end(true);
  }

  /** @internal Ends it for a unit of work that was given up, perhaps because of the resource, and may still use it unseen. */
  abandon(): Promise<void> {
    if (!this.ended) this.live.abandonedAt = this.host.now();
    return this.end(false);
  }

  invalidate(): Promise<void> {
    if (this.ended) return NOTHING_TO_WAIT_FOR;
    this.host.discard(this.live);
    return this.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  private end(proves: boolean): Promise<void> {
    if (!this.ended) this.host.takeBack(this, proves);
    return NOTHING_TO_WAIT_FOR;
  }

  info(): CacheLeaseInfo {
    const { key, owner, age, origin } = this;
    const { type } = this.host;
    return {
      id: `${describeName(type)}#${this.serial}`,
      type,
      key,
      owner,
      acquiredAt: new Date(Date.now() - age),
      age,
      ...(origin?.stack !== undefined && { stack: origin.stack }),
    };
  }
}
