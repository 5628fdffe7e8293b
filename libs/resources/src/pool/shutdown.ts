import type { DrainReport } from '../reports/drain-report.js';
import type { Clock } from '../time/clock.js';
import type { Dispatcher } from './dispatcher.js';

/** How a pool ends, and what is reported of it. */
export class Shutdown<T> {
  private closing: Promise<DrainReport> | undefined;

  constructor(
    private readonly dispatcher: Dispatcher<T>,
    private readonly clock: Clock,
  ) {}

  /** @param limit most milliseconds to wait for leases */
  async drain(limit: number): Promise<DrainReport> {
    const start = this.clock.now();
    await this.dispatcher.drain(limit);
    const held = this.dispatcher.inventory.leases().map((lease) => lease.info());
    return { clean: held.length === 0, held, duration: this.clock.now() - start };
  }

  /** The same, and then nothing is left. A second call gets the first one's report. */
  close(limit: number): Promise<DrainReport> {
    return (this.closing ??= this.closeOnce(limit));
  }

  private async closeOnce(limit: number): Promise<DrainReport> {
    const report = await this.drain(limit);
    await this.dispatcher.end();
    return report;
  }
}
