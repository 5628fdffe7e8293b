import { CacheAbortedError } from '../../errors/cache/cache-aborted-error.js';
import { CacheTimeoutError, type CacheWait } from '../../errors/cache/cache-timeout-error.js';
import { followSignal, type SignalFollower, unfollowSignal } from '../../hooks/follow-signal.js';
import { forgetFrames } from '../../words/forget-frames.js';
import type { LeaseOrigin } from '../../policies/leases/lease-origins.js';
import { Deadline } from '../../time/deadline-wheel.js';
import type { Timekeeping } from '../../time/timekeeping.js';
import type { HostedLoad } from './load-host.js';

/** How long somebody waits for a load. */
export interface Patience {
  readonly signal?: AbortSignal;
  /** Milliseconds, or `Infinity`. */
  readonly timeout: number;
  readonly owner?: string;
  /** Where it asked, when that was captured. */
  readonly origin?: LeaseOrigin;
}

/** Waits as long as the load may take. */
export const ENDLESS: Patience = { timeout: Infinity };

/** One caller that waits for a load. It may leave at any time, and the others go on. */
export class FlightWaiter<R> extends Deadline implements SignalFollower {
  constructor(
    private readonly flight: Flight<R>,
    readonly patience: Patience,
    readonly resolve: (result: R) => void,
    readonly reject: (error: unknown) => void,
  ) {
    super();
    const { signal } = patience;
    if (signal !== undefined) followSignal(signal, this);
  }

  detach(): void {
    const { signal } = this.patience;
    if (signal !== undefined) unfollowSignal(signal, this);
  }

  signalAborted(reason: unknown): void {
    const { type, key } = this.flight;
    this.flight.leave(this, new CacheAbortedError(type, key, reason, this.patience.owner));
  }

  override expire(): void {
    const { timeout, owner } = this.patience;
    const { type, key, waitsFor } = this.flight;
    this.flight.leave(this, new CacheTimeoutError(type, key, timeout, waitsFor, owner));
  }
}

/** What sort of load it is. */
export interface FlightKind {
  /** Whether it goes on although nobody waits. */
  readonly background: boolean;
  /** Whether it was asked for whatever is cached. */
  readonly forced: boolean;
}

/**
 * One load of one key, and all callers that wait for it. It exists so that a key is loaded once for all, while each
 * caller keeps a deadline and a signal of its own. When the last of them has left, the load is aborted.
 * Who loads, and what is kept of the result, is decided elsewhere.
 */
export class Flight<R> {
  readonly waiters = new Set<FlightWaiter<R>>();
  /** The key was written or deleted meanwhile: the result is for the waiting callers, and is not kept. */
  superseded = false;
  /** What the callers wait for now: the load itself, or what comes before it. */
  waitsFor: CacheWait = 'room';
  settled = false;
  /** Runs the load. None when there is nothing to run: a look-up. */
  hosted: HostedLoad | undefined;
  /** Tags that were invalidated meanwhile. */
  readonly invalidated = new Set<string>();
  readonly background: boolean;
  readonly forced: boolean;
  private readonly controller = new AbortController();

  /**
   * @param type the cache's name
   * @param tags those that are known before the value is
   * @param abandoned called once, when the last waiter has left
   */
  constructor(
    readonly type: string,
    readonly key: string,
    readonly tags: readonly string[],
    kind: FlightKind,
    private readonly time: Timekeeping,
    private readonly abandoned: (flight: Flight<R>) => void,
  ) {
    this.background = kind.background;
    this.forced = kind.forced;
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** As {@link join}, on behalf of the code now running: its host may know that it would wait forever. */
  async wait(patience: Patience): Promise<R> {
    if (this.hosted === undefined) return await this.join(patience);
    return await this.hosted.wait((ending) => this.join(withSignal(patience, ending)));
  }

  /** Waits for the result. @throws CacheAbortedError, CacheTimeoutError, and what the load throws */
  join(patience: Patience): Promise<R> {
    return new Promise((resolve, reject) => {
      const waiter = new FlightWaiter<R>(this, patience, resolve, reject);
      this.waiters.add(waiter);
      if (patience.timeout !== Infinity)
        this.time.wheel.add(waiter, this.time.clock.now() + patience.timeout);
    });
  }

  leave(waiter: FlightWaiter<R>, error: Error): void {
    this.dismiss(waiter);
    waiter.reject(error);
    if (this.waiters.size === 0 && !this.background && !this.settled) this.abandon();
  }

  /** Nobody waits any more. */
  abandon(): void {
    this.settled = true;
    this.abandoned(this);
    this.abort(new CacheAbortedError(this.type, this.key, undefined)); // not the last one's: the load may go on for long
  }

  /** @param result called once for each waiting caller */
  land(result: (waiter: FlightWaiter<R>) => R): void {
    this.settled = true;
    for (const waiter of this.waiters) {
      this.dismiss(waiter);
      waiter.resolve(result(waiter));
    }
  }

  /** Fails all waiting callers, whatever the reason is, a falsy one too. They share what the load has thrown. */
  fail(reason: unknown): void {
    this.failEach(() => reason);
  }

  /** Fails all waiting callers, each with an error of its own: ours say who has waited. */
  failEach(reasonFor: (owner: string | undefined) => unknown): void {
    this.settled = true;
    for (const waiter of this.waiters) {
      this.dismiss(waiter);
      waiter.reject(reasonFor(waiter.patience.owner));
    }
  }

  /** Tells the load to stop. */
  abort(reason: unknown): void {
    forgetFrames(reason);
    this.time.ground.run(() => this.controller.abort(reason)); // the load's listeners are nobody's, as the load is
  }

  private dismiss(waiter: FlightWaiter<R>): void {
    this.waiters.delete(waiter);
    this.time.wheel.cancel(waiter);
    waiter.detach();
  }
}

function withSignal(patience: Patience, ending: AbortSignal | undefined): Patience {
  if (ending === undefined) return patience;
  const { signal } = patience;
  return { ...patience, signal: signal === undefined ? ending : AbortSignal.any([signal, ending]) };
}
