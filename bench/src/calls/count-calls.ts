import { Session } from 'node:inspector/promises';
import { ResourceCoordinator } from 'nestjs-resources';
import type { ResourcePool } from 'nestjs-resources/pool';
import { table } from '../command/table.js';

/** So often is everything done: what happens once only is rounded away. */
const REPEATS = 1_000;
/** As it was built, or as it stands. */
const LIBRARY = /\/libs\/resources\/(?:dist|src)\/(.+)\.[jt]s$/;

/** A function of the library, and how often one acquisition and release call it. */
export interface Calls {
  readonly name: string;
  readonly file: string;
  readonly calls: number;
}

export interface CountedWork {
  readonly name: string;
  readonly calls: readonly Calls[];
}

interface Counted {
  readonly name: string;
  readonly work: (coordinator: ResourceCoordinator) => Promise<void>;
}

/** What a user does with a pool that has an idle resource. */
const WORKS: readonly Counted[] = [
  {
    name: 'acquire and release in a scope',
    work: async (coordinator) => await (await coordinator.acquire('thing')).release(),
  },
  {
    name: 'acquire and release of a pool alone',
    work: async (coordinator) => {
      const pool = coordinator.pools.get('thing') as ResourcePool<object>; // no keyed one
      await (await pool.acquire()).release();
    },
  },
];

/** Counts the calls of the library's functions between a user's line and the slot, and back, with the engine's own counters. */
export async function countCalls(): Promise<CountedWork[]> {
  const counted: CountedWork[] = [];
  for (const { name, work } of WORKS) {
    const coordinator = new ResourceCoordinator({
      resources: { thing: { create: () => ({}), pool: { min: 1, max: 1 } } },
    });
    await coordinator.warmUp();
    const calls = await coordinator.run(
      async () => {
        await work(coordinator); // what is done only once
        return await callsOf(() => work(coordinator));
      },
      { owner: 'bench' },
    );
    await coordinator.cleanup();
    counted.push({ name, calls });
  }
  return counted;
}

async function callsOf(work: () => Promise<void>): Promise<Calls[]> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  await session.post('Profiler.takePreciseCoverage'); // the counters begin at zero
  for (let i = 0; i < REPEATS; i++) await work();
  const { result } = await session.post('Profiler.takePreciseCoverage');
  session.disconnect();
  return result
    .flatMap(({ url, functions }) => {
      const file = LIBRARY.exec(url)?.[1];
      if (file === undefined) return [];
      return functions.map(({ functionName, ranges: [range] }) => {
        const calls = Math.round((range?.count ?? 0) / REPEATS);
        return { name: functionName === '' ? '(arrow)' : functionName, file, calls };
      });
    })
    .filter(({ calls }) => calls > 0)
    .toSorted((a, b) => a.file.localeCompare(b.file));
}

/** How often functions run, and how often getters, which read a field or two and are counted apart. */
export function sumsOf({ calls }: CountedWork): { functions: number; getters: number } {
  const sums = { functions: 0, getters: 0 };
  for (const { name, calls: count } of calls)
    sums[name.startsWith('get ') ? 'getters' : 'functions'] += count;
  return sums;
}

export function callsReport(counted: CountedWork): string {
  const { name, calls } = counted;
  const { functions, getters } = sumsOf(counted);
  const rows = calls.map(({ file, name, calls }) => [`  ${file}`, name, String(calls)]);
  return `\n${name}: ${functions} calls of the library's functions and ${getters} of its getters in ${new Set(calls.map(({ file }) => file)).size} files\n${table([['', '', ''], ...rows])}`;
}
