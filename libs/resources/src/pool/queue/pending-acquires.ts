import { AcquireAbortedError } from '../../errors/acquire-aborted-error.js';
import { AcquireTimeoutError } from '../../errors/acquire-timeout-error.js';
import { PoolClosedError } from '../../errors/pool-closed-error.js';
import { PoolExhaustedError } from '../../errors/pool-exhausted-error.js';
import { PoolOverloadedError } from '../../errors/pool-overloaded-error.js';
import { PoolPausedError } from '../../errors/pool-paused-error.js';
import { ResourceCreationError } from '../../errors/resource-creation-error.js';
import { isAnswer } from '../../hooks/final-failure.js';
import type { PoolStats } from '../../reports/pool-stats.js';
import type { Replenisher } from '../creation/replenisher.js';
import type { Inventory } from '../inventory.js';
import type { LeaseOrigin } from '../../policies/leases/lease-origins.js';
import type { Lease } from '../leases/lease.js';
import type { PoolEvents } from '../pool-events.js';
import type { QuietWatch } from '../quiet-watch.js';
import type { Validator } from '../upkeep/validator.js';
import { type Borrower, Waiter, type WaiterListener } from './waiter.js';
import type { WaiterQueue } from './waiter-queue.js';

/** What explains to a caller why it is not served; implemented by the dispatcher. */
export interface PendingAcquiresHost<T> {
  readonly type: string;
  readonly paused: boolean;
  readonly refusing: boolean;
  readonly inventory: Pick<Inventory<T>, 'slots'>;
  readonly validator: Pick<Validator<T>, 'inFlight'>;
  readonly replenisher: Pick<Replenisher<T>, 'attainable' | 'lastFailure'>;
  /** To be told when somebody has left the queue without a lease. */
  readonly quiet: Pick<QuietWatch, 'check'>;
  stats(): PoolStats;
}

const nothing = (): void => undefined;

/** The promise that is being made. Under contention every loan makes one, and a closure of its own would double its price. */
const made: { resolve: (lease: never) => void; reject: (error: unknown) => void } = {
  resolve: nothing,
  reject: nothing,
};

function capture(resolve: typeof made.resolve, reject: typeof made.reject): void {
  made.resolve = resolve;
  made.reject = reject;
}

/**
 * The callers that wait, and what each of them is told when it is not served: its deadline passed, it gave
 * up, it was shed, a creation failed, the pool closed.
 */
export class PendingAcquires<T> implements WaiterListener<T> {
  /** Callers whose deadline passed, a count. */
  timeouts = 0;

  constructor(
    private readonly queue: WaiterQueue<T>,
    private readonly events: PoolEvents,
    private readonly host: PendingAcquiresHost<T>,
  ) {}

  /** Why a caller may not even wait, if so. */
  refusalOf({ owner, tenant }: Borrower, signal: AbortSignal | undefined): Error | undefined {
    const { host, queue } = this;
    if (host.refusing) return new PoolClosedError(host.type, owner, host.stats());
    if (signal?.aborted === true) {
      this.tell('aborted', owner);
      return new AcquireAbortedError(host.type, signal.reason, host.stats(), owner);
    }
    const { maxWaiting } = queue;
    if (maxWaiting === Infinity || this.dependent(tenant) <= maxWaiting) return undefined;
    this.tell('refused', owner);
    return new PoolExhaustedError(host.type, maxWaiting, host.stats(), owner);
  }

  /** @param limit most milliseconds to wait */
  join(
    borrower: Borrower,
    origin: LeaseOrigin | undefined,
    limit: number,
    signal: AbortSignal | undefined,
  ): Promise<Lease<T>> {
    const promise = new Promise<Lease<T>>(capture);
    const resolve = made.resolve as (lease: Lease<T>) => void; // of the promise made just now
    this.queue.add(new Waiter<T>(this, borrower, origin, limit, signal, resolve, made.reject));
    capture(nothing, nothing); // a promise that is remembered would keep its lease from being collected
    return promise;
  }

  waiterExpired(waiter: Waiter<T>): void {
    const { host } = this;
    const { owner, timeout } = waiter;
    this.timeouts++;
    this.queue.remove(waiter);
    this.tell('timeout', owner);
    this.dismiss(
      waiter,
      host.paused
        ? new PoolPausedError(host.type, timeout, host.stats(), owner)
        : new AcquireTimeoutError(
            host.type,
            timeout,
            host.stats(),
            owner,
            host.replenisher.lastFailure.error,
          ),
    );
  }

  waiterAborted(waiter: Waiter<T>, reason: unknown): void {
    const { host } = this;
    this.queue.remove(waiter);
    this.tell('aborted', waiter.owner);
    this.dismiss(waiter, new AcquireAbortedError(host.type, reason, host.stats(), waiter.owner));
  }

  /** @param waiter has left the queue already */
  shed(waiter: Waiter<T>, waited: number): void {
    const { host } = this;
    this.tell('shed', waiter.owner);
    this.dismiss(waiter, new PoolOverloadedError(host.type, waited, host.stats(), waiter.owner));
  }

  /**
   * A creation failed: one failure, one caller, the next in turn, unless resources on their way serve all.
   * While creation is suspended, it fails nobody: callers that have nothing to hope for are refused, the others wait. An
   * answer is for somebody all the same.
   *
   * @param arriving resources on their way, a count
   * @param suspendedFor milliseconds; `undefined` when creation is not suspended
   */
  creationFailed(cause: unknown, arriving: number, suspendedFor?: number): void {
    const { queue, host } = this;
    const answers = isAnswer(cause);
    const fails = answers || suspendedFor === undefined;
    const waiter = fails && queue.ready > arriving ? queue.take() : undefined;
    if (waiter === undefined) return;
    const { owner } = waiter;
    this.giveUp(waiter, answers ? cause : new ResourceCreationError(host.type, cause, host.stats(), owner));
  }

  /** Refuses the next in turn. @param refusal what its owner is told */
  refuse(refusal: (owner: string) => Error): void {
    const waiter = this.queue.take();
    if (waiter !== undefined) this.giveUp(waiter, refusal(waiter.owner));
  }

  /** Nobody is served any more. */
  dismissAll(): void {
    const { queue, host } = this;
    for (let waiter = queue.takeAny(); waiter !== undefined; waiter = queue.takeAny()) {
      this.dismiss(waiter, new PoolClosedError(host.type, waiter.owner, host.stats()));
    }
  }

  /** Callers that depend on somebody's return, if one more of this tenant would, too; else 0. A count. */
  private dependent(tenant: string): number {
    const { host, queue } = this;
    const { slots } = host.inventory;
    const held = slots.size - slots.idle - host.validator.inFlight;
    const free = host.paused ? 0 : Math.max(0, host.replenisher.attainable - held);
    if (queue.ready < free && !queue.holdsBack(tenant)) return 0;
    return queue.size - Math.min(queue.ready, free) + 1;
  }

  /** @param waiter was next in turn, and has left the queue */
  private giveUp(waiter: Waiter<T>, error: Error): void {
    this.queue.giveUnitBack(waiter.tenant);
    this.dismiss(waiter, error);
  }

  private dismiss(waiter: Waiter<T>, error: Error): void {
    waiter.reject(error);
    this.host.quiet.check();
  }

  private tell(kind: 'timeout' | 'aborted' | 'refused' | 'shed', owner: string): void {
    const { events, host } = this;
    if (kind === 'aborted') {
      if (events.observed) events.emit({ kind, type: host.type, owner });
    } else if (events.lookedOut) events.emitTrouble({ kind, type: host.type, owner });
  }
}
