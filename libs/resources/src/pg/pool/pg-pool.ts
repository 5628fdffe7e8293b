import { Pool, type PoolClient } from 'pg';
import type { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { DEFAULT_POOL_OPTIONS } from '../../pool/pool-options.js';
import type { Lease } from '../../pool/leases/lease.js';
import { openScopeOf } from '../../scopes/current-scope.js';
import { parseDuration } from '../../time/duration.js';
import { currentTransaction } from '../../transactions/transaction-frame.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import type { PoolStats } from '../../reports/pool-stats.js';
import { describeValue } from '../../words/describe-value.js';
import { PgSession } from '../session/pg-session.js';
import { failStatement, isSubmittable } from '../session/statement-of.js';
import { LentClient } from './lent-client.js';
import type { Loan } from './loan.js';
import { answerTo, withoutCallback } from './answer.js';
import type { PgPoolSettings } from './pg-pool-options.js';
import { ScopeLoan } from './scope-loan.js';
import { ScopeSession } from './scope-session.js';
import { SharedLoan, type SharedLoanHost } from './shared-loan.js';
import { SeparateLoan } from './separate-loan.js';

type Connected = (error: Error | undefined, client: PoolClient | undefined, release: Release) => void;
type Release = (broken?: unknown) => void;

const NOTHING_TO_RELEASE: Release = () => undefined;

/**
 * The pool of a type as a `pg.Pool`, for ORMs. It has no sessions of its own: each client is a loan of the coordinator, whose owner is the work that
 * asked for it.
 *
 * Its `end()` ends nothing, because the sessions are not its own: an ORM that closes its pool must not take them from all others.
 */
export class PgPool extends Pool {
  /** @param type of sessions that `pgResource` has made */
  constructor(
    private readonly coordinator: ResourceCoordinator,
    private readonly type: string,
    private readonly settings: PgPoolSettings,
  ) {
    super();
  }

  override connect(): Promise<PoolClient>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<PoolClient> | void {
    const lent = this.checkOut();
    if (callback === undefined) return lent.then(({ client }) => client);
    void lent.then(
      ({ client, release }) => process.nextTick(callback, undefined, client, release),
      (error: unknown) => process.nextTick(callback, error, undefined, NOTHING_TO_RELEASE),
    );
  }

  /** As pg's, in all its forms. The session goes back when the answer has come, whatever it is. A cursor or stream is returned as it was given. */
  override query(...args: never[]): never {
    return this.ask(args) as never; // each form of pg's returns something else
  }

  override end(): Promise<void>;
  override end(callback: () => void): void;
  override end(callback?: () => void): Promise<void> | void {
    if (callback === undefined) return Promise.resolve();
    process.nextTick(callback);
  }

  /** @internal The counts of the type's pool; undefined while the type is not registered. */
  get stats(): PoolStats | undefined {
    return this.coordinator.pools.get(this.type)?.stats;
  }

  private async checkOut(): Promise<LentClient> {
    const client = new LentClient(await this.lend(), (broken, gone) => {
      this.emit('release', broken, client);
      if (broken) void gone.then(() => this.emit('remove', client));
    });
    try {
      this.emit('connect', client); // after its reset, each is as new
      this.emit('acquire', client);
    } catch (error) {
      client.release(error); // nobody knows what its listener has done
      throw error;
    }
    return client;
  }

  private async lend(): Promise<Loan> {
    const { coordinator, type, settings } = this;
    const key = typeof settings.key === 'function' ? settings.key() : settings.key;
    const around = currentTransaction(coordinator, type, key);
    if (around !== undefined && settings.inTransaction === 'share') {
      this.requireSession(around.resource);
      return new SharedLoan(this.shared(key), around);
    }
    const scope = openScopeOf(coordinator);
    if (around !== undefined || scope === undefined || settings.outsideTransaction === 'separate')
      return await this.separate(key);
    const lease = await scope.borrow(type, { key, timeout: settings.timeout });
    this.requireLent(lease);
    return new ScopeLoan(this.shared(key), coordinator, new ScopeSession(coordinator, scope, lease));
  }

  /** What a loan on a session that others share needs. */
  private shared(key: string | undefined): SharedLoanHost {
    const { coordinator, type, settings } = this;
    const { acquireTimeout = DEFAULT_POOL_OPTIONS.acquireTimeout } =
      coordinator.pools.get(type)?.options ?? {};
    const timeout = settings.timeout ?? parseDuration(acquireTimeout, 'acquireTimeout', type);
    return { type, clock: coordinator.clock, settings, timeout, separate: () => this.separate(key) };
  }

  private async separate(key: string | undefined): Promise<Loan> {
    const { coordinator, type } = this;
    const { timeout } = this.settings;
    const lease = await coordinator.acquire<PgSession, string>(type, { key, timeout, separate: true });
    this.requireLent(lease);
    return new SeparateLoan(coordinator.lender, lease, type, key);
  }

  /** @throws InvalidOptionsError; then it is given back */
  private requireLent(lease: Lease<unknown>): void {
    try {
      this.requireSession(lease.resource);
    } catch (error) {
      void lease.release(); // never rejects
      throw error;
    }
  }

  /** @throws InvalidOptionsError */
  private requireSession(resource: unknown): void {
    if (resource instanceof PgSession) return;
    const got = describeValue(resource);
    throw new InvalidOptionsError(
      'type',
      `must be one that pgResource() has defined, without "native"; got ${got}.`,
      this.type,
    );
  }

  private ask(args: unknown[]): unknown {
    const [query] = args;
    if (isSubmittable(query)) {
      void this.submit(args);
      return query;
    }
    const [asked, callback] = withoutCallback(args);
    return answerTo(callback, this.askOnce(asked));
  }

  private async askOnce(args: unknown[]): Promise<unknown> {
    const client = await this.checkOut();
    try {
      return await client.query(...args);
    } finally {
      client.release();
    }
  }

  /** Sends a cursor or stream. The session goes back when nothing is in flight any more: then it was read to its end, or closed. */
  private async submit(args: unknown[]): Promise<void> {
    try {
      const client = await this.checkOut();
      client.query(...args);
      await client.settled().finally(client.release);
    } catch (error) {
      failStatement(args, error as Error);
    }
  }
}

/** The counts of a `pg.Pool`. pg declares them as properties, which a subclass can't override by getters. */
const COUNTS = {
  totalCount: (stats) => stats.size,
  idleCount: (stats) => stats.idle,
  waitingCount: (stats) => stats.pending,
  expiredCount: () => 0, // a session that is too old is retired, and not counted any more
} satisfies Partial<Record<keyof Pool, (stats: PoolStats) => number>>;

for (const [name, count] of Object.entries(COUNTS))
  Object.defineProperty(PgPool.prototype, name, {
    get(this: PgPool) {
      return this.stats === undefined ? 0 : count(this.stats);
    },
  });
