import { setTimeout as delay } from 'node:timers/promises';
import type { Postgres } from './postgres.fixture.js';

const INTERVAL = 20;

/** Counts the application's sessions, as the server sees them, over and over until it is stopped. */
export class SessionCount {
  peak = 0;
  private readonly stopped = new AbortController();
  private readonly counting: Promise<void>;

  constructor(private readonly postgres: Postgres) {
    this.counting = this.count();
  }

  /** Resolves with the highest count. */
  async stop(): Promise<number> {
    this.stopped.abort();
    await this.counting;
    return this.peak;
  }

  private async count(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      const [{ sessions }] = await this.postgres.query<{ sessions: number }>(
        `SELECT count(*)::int AS sessions FROM pg_stat_activity WHERE application_name = 'orders'`,
      );
      this.peak = Math.max(this.peak, sessions);
      await delay(INTERVAL);
    }
  }
}
