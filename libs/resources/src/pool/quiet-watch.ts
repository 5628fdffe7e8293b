import type { Clock } from '../time/clock.js';
import { waitAtMost } from '../time/wait-at-most.js';

/** Waits until a pool is quiet: nobody in the queue and nothing on loan. */
export class QuietWatch {
  /** Hears of it each time. */
  listener: (() => void) | undefined;
  private listeners: (() => void)[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly isQuiet: () => boolean,
  ) {}

  /** @param limit most milliseconds; it resolves then too */
  async wait(limit: number): Promise<void> {
    if (this.isQuiet()) return;
    await waitAtMost(limit, this.clock, (ended) => this.listeners.push(ended));
  }

  /** Whether anybody would hear of it. */
  get watched(): boolean {
    return this.listeners.length > 0 || this.listener !== undefined;
  }

  /** To be called whenever it may have become quiet. */
  check(): void {
    if (!this.watched || !this.isQuiet()) return;
    for (const listener of this.listeners.splice(0)) listener();
    this.listener?.();
  }
}
