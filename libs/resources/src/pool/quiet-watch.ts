import type { Clock } from '../time/clock.js';
import { waitAtMost } from '../time/wait-at-most.js';

/** Waits until a pool is quiet: nobody in the queue and nothing on loan. */
export class QuietWatch {
  /** Whether anybody would hear of it. */
  watched = false;
  private listener: (() => void) | undefined;
  private readonly waiters: (() => void)[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly isQuiet: () => boolean,
  ) {}

  /** @param limit most milliseconds; it resolves then too */
  async wait(limit: number): Promise<void> {
    if (this.isQuiet()) return;
    this.watched = true;
    await waitAtMost(limit, this.clock, (ended) => this.waiters.push(ended));
  }

  /** Ends all waits, quiet or not. */
  giveUp(): void {
    for (const tell of this.waiters.splice(0)) tell();
  }

  /** @param listener hears of it each time */
  follow(listener: () => void): void {
    this.watched = true;
    this.listener = listener;
  }

  /** To be called whenever it may have become quiet. */
  check(): void {
    if (!this.watched || !this.isQuiet()) return;
    this.watched = this.listener !== undefined;
    this.giveUp();
    this.listener?.();
  }
}
