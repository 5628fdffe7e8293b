import { WHEEL_RESOLUTION } from '../../time/deadline-wheel.js';
import type { VirtualClock } from '../../time/virtual-clock.fixture.js';
import { Outcome } from '../deferred.fixture.js';

interface Promised {
  readonly what: string;
  readonly outcome: Outcome<unknown>;
  by: number;
}

/** What the pool has promised to its callers, and when each must have been kept at the latest. */
export class ModelPromises {
  private readonly open = new Set<Promised>();

  constructor(private readonly clock: VirtualClock) {}

  get size(): number {
    return this.open.size;
  }

  /** @param limit milliseconds within which it must be kept; the wheel may be a little late */
  add(what: string, promise: Promise<unknown>, limit: number): void {
    const by = this.clock.now() + limit + WHEEL_RESOLUTION;
    this.open.add({ what, outcome: new Outcome(promise), by });
  }

  /** The process stood still for so many milliseconds. */
  delay(ms: number): void {
    for (const promised of this.open) promised.by += ms;
  }

  /** @throws Error when one was broken, or is late */
  check(): void {
    for (const promised of this.open) {
      const { outcome, by, what } = promised;
      if (outcome.state === 'rejected') throw new Error(`${what} failed`, { cause: outcome.error });
      if (outcome.state === 'fulfilled') this.open.delete(promised);
      else if (this.clock.now() > by) throw new Error(`${what} is overdue`);
    }
  }
}
