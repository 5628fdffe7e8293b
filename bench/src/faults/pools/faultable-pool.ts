import type { Phase } from '../cell.js';
import type { FaultyFactory, FaultyResource } from '../faulty-factory.js';

/** A pool under trial, behind the narrowest common surface. */
export interface FaultablePool {
  /** Pools without signals walk away: see {@link walkAway}. */
  acquire(signal: AbortSignal): Promise<Loan>;
  close(): Promise<unknown>;
}

export interface Loan {
  readonly resource: FaultyResource;
  release(): unknown;
  /** Gives it back broken. */
  discard(): unknown;
}

export interface FaultContender {
  name: string;
  /** What the pool can do with a resource. */
  phases: readonly Phase[];
  open(factory: FaultyFactory): FaultablePool;
}

/** What callers do whose pool knows no signals: they go, and what comes later is given back. */
export function walkAway(pending: Promise<Loan>, signal: AbortSignal): Promise<Loan> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    pending.then((loan) => (signal.aborted ? loan.release() : resolve(loan)), reject);
  });
}

/** The promises of `release` and `destroy` say nothing that the trial does not see itself. */
export function ignore(promise: Promise<unknown>): void {
  promise.catch(() => undefined);
}
