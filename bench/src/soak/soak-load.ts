import { setTimeout as delay } from 'node:timers/promises';
import type { ResourcePool } from 'nestjs-resources/pool';
import type { Client } from 'pg';

const WORKERS = 20;
const THINK_TIME = 15;
const ABORTING = 0.05;
const ABORT_WITHIN = 20;
const DISCARDING = 0.02;
const THROWING = 0.02;

/** What borrowers do: small and large answers, open transactions, time in which nothing is said. */
const WORK: readonly string[] = [
  'SELECT 1',
  `SELECT repeat('x', 20000)`,
  'SELECT pg_sleep(0.005)',
  'BEGIN; CREATE TEMPORARY TABLE left_behind (id int)',
];

/** Borrowers that never stop, whatever happens to their sessions, and the books on what they got. */
export class SoakLoad {
  served = 0;
  readonly failures = new Map<string, number>();
  /** Sessions that two borrowers had at the same time. */
  sharedSessions = 0;
  /** Sessions that still had what the borrower before had left in them. */
  dirtySessions = 0;
  /** Milliseconds: the longest time from asking to being done or refused. */
  longest = 0;
  private readonly inUse = new Set<number>();
  private stopped = false;
  private readonly workers: Promise<void>[];

  constructor(private readonly pool: ResourcePool<Client>) {
    this.workers = Array.from({ length: WORKERS }, () => this.work());
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.workers);
  }

  private async work(): Promise<void> {
    while (!this.stopped) {
      const asked = performance.now();
      try {
        await this.borrow();
        this.served++;
      } catch (error) {
        const name = error instanceof Error ? error.constructor.name : String(error);
        this.failures.set(name, (this.failures.get(name) ?? 0) + 1);
      }
      this.longest = Math.max(this.longest, performance.now() - asked);
      await delay(Math.random() * 2 * THINK_TIME);
    }
  }

  private borrow(): Promise<void> {
    const abortAfter = Math.floor(Math.random() * ABORT_WITHIN);
    const signal = Math.random() < ABORTING ? AbortSignal.timeout(abortAfter) : undefined;
    return this.pool.use(
      async (client, lease) => {
        await this.useAlone(client);
        if (Math.random() < DISCARDING) await lease.invalidate();
        if (Math.random() < THROWING) throw new Error('the borrower failed');
      },
      { signal, timeout: '2s' },
    );
  }

  private async useAlone(client: Client): Promise<void> {
    const { rows } = await client.query<{ pid: number; clean: boolean }>(
      `SELECT pg_backend_pid() AS pid, to_regclass('pg_temp.left_behind') IS NULL AS clean`,
    );
    const { pid, clean } = rows[0] ?? { pid: 0, clean: true };
    if (this.inUse.has(pid)) this.sharedSessions++;
    if (!clean) this.dirtySessions++;
    this.inUse.add(pid);
    try {
      await client.query(WORK[Math.floor(Math.random() * WORK.length)] ?? '');
    } finally {
      this.inUse.delete(pid);
    }
  }
}
