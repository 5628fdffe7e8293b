import { VirtualClock, settle } from '../../time/virtual-clock.fixture.js';
import { KeyedResourcePool } from './keyed-resource-pool.js';
import type { Lease } from '../leases/lease.js';
import type { CreateContext } from '../factory/resource-factory.js';
import type { ResourcePoolOptions } from '../resource-pool-options.js';

export interface Account {
  readonly key: string;
  readonly number: number;
}

/** Makes accounts, and knows which are alive. */
export class Accounts {
  readonly alive = new Set<Account>();
  readonly destroyed: string[] = [];
  created = 0;
  /** The most that were alive at a time. */
  peak = 0;
  failure: Error | undefined;
  /** Destroying and resetting wait for it. */
  settled: Promise<unknown> = Promise.resolve();

  async create({ key }: CreateContext): Promise<Account> {
    if (this.failure !== undefined) throw this.failure;
    const account = { key, number: ++this.created };
    this.alive.add(account);
    this.peak = Math.max(this.peak, this.alive.size);
    return account;
  }

  async reset(): Promise<void> {
    await this.settled;
  }

  async destroy(account: Account): Promise<void> {
    await this.settled;
    this.alive.delete(account);
    this.destroyed.push(account.key);
  }
}

/** A keyed pool of accounts, on a virtual clock. */
export const withPool = (options: ResourcePoolOptions = {}) => {
  const accounts = new Accounts();
  const clock = new VirtualClock();
  const pool = new KeyedResourcePool<Account>(accounts, { type: 'account', clock, ...options });
  /** Borrows and gives back. */
  const visit = async (...keys: string[]): Promise<void> => {
    for (const key of keys) await (await pool.acquire({ key })).release();
    await settle();
  };
  return { accounts, clock, pool, visit };
};

/** Whose they are. */
export const keysOf = async (leases: Promise<Lease<Account>>[]): Promise<string[]> =>
  (await Promise.all(leases)).map(({ resource }) => resource.key);
