import { outcomeOf } from '../../hooks/outcome-of.js';
import { systemClock } from '../../time/clock.js';
import { waitAtMost } from '../../time/wait-at-most.js';

/** What has become of a call. */
export type CallOutcome<R> =
  | { readonly state: 'pending' }
  | { readonly state: 'fulfilled'; readonly value: R }
  | { readonly state: 'rejected'; readonly reason: unknown };

/** A call of a user's function that may never settle: whoever waits for it says how long. */
export class HookCall<R> {
  private outcome: CallOutcome<R> = { state: 'pending' };
  private settled: () => void = () => undefined;

  constructor(work: () => R | PromiseLike<R>) {
    let running: R | PromiseLike<R>;
    try {
      running = work();
    } catch (reason) {
      this.outcome = { state: 'rejected', reason };
      return;
    }
    outcomeOf(running, {
      resolved: (value) => this.settle({ state: 'fulfilled', value }),
      rejected: (reason) => this.settle({ state: 'rejected', reason }),
    });
  }

  get pending(): boolean {
    return this.outcome.state === 'pending';
  }

  /** Only one may wait at a time. @param limit milliseconds @returns `pending` when it has not settled by then */
  async settledWithin(limit: number): Promise<CallOutcome<R>> {
    if (this.pending) await waitAtMost(limit, systemClock, (settled) => (this.settled = settled));
    return this.outcome;
  }

  private settle(outcome: CallOutcome<R>): void {
    this.outcome = outcome;
    this.settled();
  }
}
