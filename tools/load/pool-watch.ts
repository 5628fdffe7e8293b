import { setTimeout as delay } from 'node:timers/promises';

const SAMPLE_INTERVAL = 100;
const RETURN_DEADLINE = 5_000;

interface PoolCounts {
  leased: number;
  pending: number;
  acquired: number;
  timeouts: number;
}

/** Follows the sessions, and whatever else is on loan, through GET /resources while the load runs. */
export class PoolWatch {
  latest: PoolCounts = { leased: 0, pending: 0, acquired: 0, timeouts: 0 };
  peakLeased = 0;
  peakPending = 0;
  private leases = 0;
  private readonly stopped = new AbortController();

  constructor(private readonly url: string) {}

  /** Rejects when nobody answers there. */
  async connect(): Promise<void> {
    await this.sample().catch((cause: unknown) => {
      throw new Error(`no orders application answers on ${this.url}`, { cause });
    });
  }

  /** Samples until `stop` is called. A target that does not answer at all shows in the load's errors. */
  async start(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      await this.sample().catch(() => undefined);
      await delay(SAMPLE_INTERVAL, undefined, { signal: this.stopped.signal }).catch(() => undefined);
    }
  }

  stop(): void {
    this.stopped.abort();
  }

  /** The leases that are left when the requests are gone; the last handlers get a moment to finish. */
  async leasesLeft(): Promise<number> {
    const giveUpAt = performance.now() + RETURN_DEADLINE;
    await this.sample();
    while (this.leases > 0 && performance.now() < giveUpAt) {
      await delay(SAMPLE_INTERVAL);
      await this.sample();
    }
    return this.leases;
  }

  private async sample(): Promise<void> {
    const response = await fetch(`${this.url}/resources`);
    const { pools, leases } = (await response.json()) as {
      pools: Record<string, PoolCounts>;
      leases: unknown[];
    };
    this.latest = pools.pg;
    this.leases = leases.length;
    this.peakLeased = Math.max(this.peakLeased, this.latest.leased);
    this.peakPending = Math.max(this.peakPending, this.latest.pending);
  }
}
