import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../../../test/eventually.fixture.js';
import { type PoolStats, sumStats } from '../reports/pool-stats.js';
import type { AdminTarget } from './admin-target.js';

/** A directory that is deleted with all that is in it. */
export class TemporaryDirectory {
  readonly path = mkdtempSync(join(tmpdir(), 'admin-'));

  /** A path in it. */
  at(...names: string[]): string {
    return join(this.path, ...names);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Says and hears over a socket just what a test wants. */
export class RawClient {
  heard = '';
  readonly closed: Promise<void>;

  private constructor(readonly socket: Socket) {
    socket.setEncoding('utf8').on('data', (text: string) => (this.heard += text));
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  /** Rejects with the system's error. */
  static connect(path: string): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ path, allowHalfOpen: true }, () => resolve(new RawClient(socket)));
      socket.once('error', reject);
    });
  }

  /** @returns all that is answered until the other side hangs up, the greeting included */
  static async ask(path: string, line: string): Promise<string> {
    const client = await RawClient.connect(path);
    client.socket.once('end', () => client.socket.end());
    client.socket.write(`${line}\n`);
    await client.closed;
    return client.heard;
  }

  say(text: string): void {
    this.socket.write(text);
  }

  /** Resolves when the other side hears it no more, which who does not hang up learns only by talking. */
  async cutOff(): Promise<void> {
    await eventually(() => {
      if (this.socket.destroyed) return;
      this.socket.write('x');
      throw new Error('it can still talk');
    });
  }

  hangUp(): void {
    this.socket.destroy();
  }
}

export const poolStats = (stats: Partial<PoolStats> = {}): PoolStats => ({
  ...sumStats([]),
  max: 10,
  ...stats,
});

/** How a restore of nothing has ended. */
export const restored: Awaited<ReturnType<AdminTarget['restore']>> = {
  outcome: 'applied',
  types: [],
  untouched: [],
  values: { restored: 0, expired: 0 },
  duration: 0,
};

/** An application of a test's own making, of which nothing was ever changed. */
export function targetDouble(given: Partial<AdminTarget> = {}): AdminTarget {
  return {
    stats: () => ({ phase: 'ready', pools: {}, cachedResources: {}, scopes: 0, troubles: [] }),
    leases: () => [],
    drain: () => Promise.resolve({ clean: true, held: [], duration: 12 }),
    drift: () => ({}),
    history: () => [],
    rollback: () => Promise.resolve({ outcome: 'applied', version: 1, what: [] }),
    planRollback: () => ({ version: 1, what: [] }),
    backup: () => Promise.resolve({}),
    restore: () => Promise.resolve(restored),
    ...given,
  };
}
