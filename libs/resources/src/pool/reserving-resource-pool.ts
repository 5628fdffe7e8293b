import { InService } from '../hooks/in-service.js';
import { optionsError } from '../options/callers-options.js';
import { checkOptions } from '../options/option-reader.js';
import { type DrainReport, mergeReports } from '../reports/drain-report.js';
import type { LeaseInfo } from '../reports/lease-info.js';
import { type PoolStats, sumStats } from '../reports/pool-stats.js';
import { NeutralGround } from '../time/neutral-ground.js';
import type { AcquireOptions } from './acquire-options.js';
import type { ResourceFactory } from './factory/resource-factory.js';
import type { Lease } from './leases/lease.js';
import type { PoolOptions } from './pool-options.js';
import { ResourcePool } from './resource-pool.js';
import {
  type DrainOptions,
  type FlushOptions,
  optionsOfReserve,
  type ResourcePoolOptions,
} from './resource-pool-options.js';
import { KeptUnits } from './sizing/kept-units.js';
import { checkReserve, ofReserve, refuseNoPlaces } from './sizing/reserve-options.js';

/** Whether a pool with these options is a {@link ReservingResourcePool}. */
export function keepsReserve({ reserve }: PoolOptions): boolean {
  return (reserve?.health ?? 0) > 0;
}

/**
 * A {@link ResourcePool} that keeps some of its places for those who must be served when all others are on loan: a health check that queries,
 * an operator. They ask with `reserve: 'health'`; they too get what is idle, and else one of these places. To all others the pool is smaller by as many.
 *
 * The kept places are a pool of their own behind this door, with the same factory and options, because so nobody else pays for them: those who borrow
 * as usual meet a pool that knows nothing of reserves. Together the two never have more than `max`.
 */
export class ReservingResourcePool<T> extends ResourcePool<T> {
  private readonly kept: ResourcePool<T>;
  private readonly units: KeptUnits;

  /** @throws InvalidOptionsError when the factory or an option cannot work, or no place is to be kept */
  constructor(
    factory: ResourceFactory<T>,
    poolOptions: ResourcePoolOptions = {},
    inService: InService = new InService(),
  ) {
    checkOptions(poolOptions, 'options');
    const { ground = new NeutralGround(), revives, ...given } = poolOptions;
    super(factory, { ...given, ground, revives }, inService);
    const { type, clock, random, ...options } = given;
    if (!keepsReserve(options)) refuseNoPlaces(this.type);
    const shared = { type, clock, random, ground, revives: false };
    try {
      this.units = new KeptUnits(this.type, options.reserve?.health ?? 0, options.quota?.budget);
      this.kept = new ResourcePool(factory, { ...optionsOfReserve(options), ...shared }, inService);
    } catch (error) {
      void super.close({ deadline: 0 }); // it may have its part of a budget already
      throw error;
    }
    this.configured.onAdopted = ({ options, factory }) =>
      this.kept.reconfigure(optionsOfReserve(options), factory);
    this.kept.events.follow((event, isTrouble) => this.events.emit(event, isTrouble));
  }

  override acquire(options?: AcquireOptions): Promise<Lease<T>> {
    try {
      if (options?.reserve === undefined) return super.acquire(options);
      const { reserve, signal, timeout, owner, tenant, unit } = options;
      checkReserve(reserve, this.type);
      const idle = signal?.aborted === true ? undefined : super.tryAcquire({ owner, tenant, unit });
      return idle === undefined
        ? this.kept.acquire({ signal, timeout, owner, tenant, unit })
        : Promise.resolve(idle);
    } catch (error) {
      return Promise.reject(optionsError(error, options, this.type));
    }
  }

  override workFailed(lease: Lease<unknown>, error: unknown): void {
    super.workFailed(lease, error);
    this.kept.workFailed(lease, error);
  }

  override async flush(options?: FlushOptions): Promise<void> {
    await Promise.all([super.flush(options), this.kept.flush(options)]);
  }

  override pause(): void {
    super.pause();
    this.kept.pause();
  }

  override resume(): void {
    super.resume();
    this.kept.resume();
  }

  override drain(options?: DrainOptions): Promise<DrainReport> {
    return together(super.drain(options), this.kept.drain(options));
  }

  override close(options?: DrainOptions): Promise<DrainReport> {
    const closed = together(super.close(options), this.kept.close(options));
    return closed.finally(() => this.units.leave());
  }

  override get stats(): PoolStats {
    return sumStats([super.stats, this.kept.stats]);
  }

  /** @internal Of what is lent to all who ask for no reserve. */
  get statsOfOthers(): PoolStats {
    return super.stats;
  }

  override leases(): LeaseInfo[] {
    return [...super.leases(), ...this.kept.leases().map(ofReserve)];
  }

  override leaseOf(resource: unknown): Lease<T> | undefined {
    return super.leaseOf(resource) ?? this.kept.leaseOf(resource);
  }

  override set onQuiet(listener: () => void) {
    super.onQuiet = listener;
    this.kept.onQuiet = listener;
  }
}

async function together(own: Promise<DrainReport>, kept: Promise<DrainReport>): Promise<DrainReport> {
  const [report, { held, ...others }] = await Promise.all([own, kept]);
  return mergeReports([report, { ...others, held: held.map(ofReserve) }]);
}
