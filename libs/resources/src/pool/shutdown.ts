import { PoolClosedError } from '../errors/pool-closed-error.js';
import type { DrainReport } from '../reports/drain-report.js';
import type { Clock } from '../time/clock.js';
import type { Dispatcher } from './dispatcher.js';

/** How a pool ends, part by part, and what is reported of it. */
export class Shutdown<T> {
  private closing: Promise<DrainReport> | undefined;

  constructor(
    private readonly dispatcher: Dispatcher<T>,
    private readonly clock: Clock,
  ) {}

  /** Takes no more callers, and waits for the rest. @param limit most milliseconds */
  async drain(limit: number): Promise<DrainReport> {
    const { dispatcher, clock } = this;
    const start = clock.now();
    dispatcher.refuse();
    await dispatcher.quiet.wait(limit);
    dispatcher.pending.dismissAll();
    dispatcher.replenisher.runDown();
    const held = dispatcher.inventory.leases().map((lease) => lease.info());
    return { clean: held.length === 0, held, duration: clock.now() - start };
  }

  /** Drains, and then leaves nothing. A second call gets the first one's report; with a limit of 0, it ends the wait. */
  close(limit: number): Promise<DrainReport> {
    if (this.closing !== undefined && limit === 0) this.dispatcher.quiet.giveUp();
    return (this.closing ??= this.closeOnce(limit));
  }

  private async closeOnce(limit: number): Promise<DrainReport> {
    const report = await this.drain(limit);
    await this.end();
    return report;
  }

  /** Revokes what is still on loan and destroys everything. */
  private async end(): Promise<void> {
    const { dispatcher } = this;
    const { type, ledger, housekeeper, replenisher, inventory, quiet } = dispatcher;
    ledger.revokeAll();
    housekeeper.stop();
    const given = replenisher.end(new PoolClosedError(type, 'a creation in flight', dispatcher.stats()));
    const gone = inventory.end(given);
    quiet.check();
    await gone;
    replenisher.share.leave();
  }
}
