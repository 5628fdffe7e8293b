import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';

/** Most turns of the event loop, for moments that no timer can tell apart. */
const MOST_TURNS = 20;

/** Moments at random that a seed repeats (mulberry32). */
export class RandomMoments {
  constructor(private state: number) {}

  /** Waits for a random time: turns of the event loop as often as milliseconds. @param most milliseconds */
  async pass(most: number): Promise<void> {
    const part = this.next();
    if (this.next() < 0.5) await delay(part * most);
    else for (let turns = Math.floor(part * MOST_TURNS); turns > 0; turns--) await nextTurn();
  }

  /** From 0 to 1. */
  private next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
