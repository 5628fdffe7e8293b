import type {
  AdminTarget,
  Change,
  ChangeReport,
  Difference,
} from '../../../libs/resources/src/admin/admin-target.js';
import { poolStats } from '../../../libs/resources/src/admin/admin-socket.fixture.js';
import { InvalidOptionsError } from '../../../libs/resources/src/errors/invalid-options-error.js';

type Configuration = Readonly<Record<string, unknown>>;

/** The configuration of the one type, `pg`, as the code has it. */
const CODE: Configuration = { 'pool.max': 10, 'pool.acquireTimeout': '2s' };
const FIRST = Date.parse('2026-11-28T09:12:44.120Z');

/** How one pool was configured, and is. */
class ChangingPool {
  readonly changes: Change[] = [];
  private readonly versions: Configuration[] = [CODE];

  get configuration(): Configuration {
    return this.versions.at(-1) ?? CODE;
  }

  apply(wished: Configuration | undefined, by: string | undefined): ChangeReport {
    if (wished === undefined) throw new InvalidOptionsError('version', 'is none of this type.');
    const differences = differencesOf(this.configuration, wished);
    this.record({ by, outcome: 'applied', differences });
    this.versions.push(wished);
    return { outcome: 'applied', version: this.changes.length, differences };
  }

  fail(by: string, cause: unknown): void {
    const differences = [{ type: 'pg', path: 'factory', before: '***', after: '***' }];
    this.record({ by, outcome: 'rolledBack', cause, differences });
    this.versions.push(this.configuration);
  }

  at(version: number): Configuration | undefined {
    return this.versions.at(version);
  }

  private record(change: Omit<Change, 'version' | 'at'>): void {
    const version = this.changes.length + 1;
    this.changes.push({ version, at: new Date(FIRST + version * 60_000), ...change });
  }
}

/** An application whose configurations were changed, with what its coordinator can't do by itself. */
export function changingTarget(): AdminTarget {
  const pg = new ChangingPool();
  pg.apply({ ...CODE, 'pool.max': 20 }, 'ada');
  pg.apply({ 'pool.max': 20, 'pool.acquireTimeout': '500ms' }, 'grace');
  pg.fail('rotation', new Error('password authentication failed for user "orders"'));
  let phase = 'ready';
  return {
    drainTimeout: 10_000,
    stats: () => ({ phase, pools: { pg: poolStats() }, cachedResources: {}, scopes: 0, troubles: [] }),
    leases: () => [],
    drain() {
      phase = 'stopped';
      return Promise.resolve({ clean: true, held: [], duration: 1 });
    },
    drift: () => differencesOf(CODE, pg.configuration),
    history(type) {
      if (type !== 'pg') throw new InvalidOptionsError('type', 'is no resource type here. Known: pg.');
      return pg.changes;
    },
    rollback: async (_, version = pg.changes.length - 1, by?) => pg.apply(pg.at(version), by),
    backup: () => Promise.resolve({ schema: 1, types: { pg: pg.configuration } }),
    async restore(document, { dryRun, by }) {
      const { types } = document as { types?: { pg?: Configuration } };
      if (types?.pg === undefined) throw new InvalidOptionsError('types.pg', 'is missing.');
      const differences = differencesOf(pg.configuration, types.pg);
      return dryRun ? { outcome: 'applied', differences } : pg.apply(types.pg, by);
    },
  };
}

function differencesOf(before: Configuration, after: Configuration): Difference[] {
  return Object.keys(before)
    .filter((path) => before[path] !== after[path])
    .map((path) => ({ type: 'pg', path, before: before[path], after: after[path] }));
}
