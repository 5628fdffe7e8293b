import { access, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';

const SAMPLE_INTERVAL = 50;

export interface MemorySample {
  /** MiB of the application's process. */
  application: number;
  /** MiB of the server's processes that serve its sessions. */
  sessions: number;
  sessionCount: number;
}

/**
 * Memory of an application together with the server processes that its sessions cost: PostgreSQL has one for each. It
 * is the proportional set size: what processes share counts once, in parts. Linux only.
 */
export class SessionMemory {
  private constructor(
    private readonly postmaster: number,
    private readonly title: string,
  ) {}

  /** Undefined where the system does not tell. */
  static async of(url: string): Promise<SessionMemory | undefined> {
    const client = new Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const backend = rows[0]?.pid ?? 0;
    const told = await access(`/proc/${backend}/smaps_rollup`).then(
      () => true,
      () => false,
    );
    const memory = told
      ? new SessionMemory(await parentOf(backend), `postgres: ${new URL(url).username} `)
      : undefined;
    await client.end();
    return memory;
  }

  /** Samples until the signal aborts. */
  async follow(application: number, signal: AbortSignal): Promise<MemorySample[]> {
    const samples: MemorySample[] = [];
    while (!signal.aborted) {
      samples.push(await this.sample(application));
      await delay(SAMPLE_INTERVAL);
    }
    return samples;
  }

  private async sample(application: number): Promise<MemorySample> {
    const children = await read(`/proc/${this.postmaster}/task/${this.postmaster}/children`);
    const sizes = await Promise.all(
      children
        .split(' ')
        .filter((pid) => pid !== '')
        .map(async (pid) =>
          (await read(`/proc/${pid}/cmdline`)).startsWith(this.title) ? proportionalSize(pid) : 0,
        ),
    );
    const sessions = sizes.filter((size) => size > 0);
    return {
      application: await proportionalSize(`${application}`),
      sessions: sessions.reduce((sum, size) => sum + size, 0),
      sessionCount: sessions.length,
    };
  }
}

async function parentOf(pid: number): Promise<number> {
  return Number(/^PPid:\s+(\d+)$/m.exec(await read(`/proc/${pid}/status`))?.[1]);
}

/** MiB; 0 of a process that has just ended. */
async function proportionalSize(pid: string): Promise<number> {
  return Number(/^Pss:\s+(\d+) kB$/m.exec(await read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) / 1_024;
}

/** A process may end between any two reads. */
function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
