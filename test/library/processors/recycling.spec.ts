import { createRequire } from 'node:module';
import type { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../http/until.fixture.js';
import { type PoolOptions, ResourceCoordinator, type ResourceDefinition } from 'nestjs-resources';
import { defineProcessor, type Processor } from 'nestjs-resources/processors';

/** Threads that are replaced, a count. */
const RECYCLINGS = Number(process.env.PROCESSOR_RECYCLINGS ?? 20);
/** Tasks that wait or run at any time, a count. */
const CALLERS = 6;
const MIN = 2;

/** The threads of this process that have not ended, and most at a time. */
const alive = new Set<Worker>();
let most = 0;

const workerThreads = createRequire(import.meta.url)('node:worker_threads') as { Worker: typeof Worker };
const { Worker: Original } = workerThreads;

beforeAll(() => {
  workerThreads.Worker = class extends Original {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      alive.add(this);
      most = Math.max(most, alive.size);
      this.on('exit', () => alive.delete(this));
    }
  };
});

afterAll(() => {
  workerThreads.Worker = Original;
});

const coordinators: ResourceCoordinator[] = [];

afterEach(async () => {
  for (const coordinator of coordinators.splice(0)) await coordinator.cleanup({ deadline: 0 });
});

/** Processors each of whose threads serves one loan. */
function recyclingProcessor(pool: PoolOptions = {}): ResourceDefinition<Processor> {
  return defineProcessor({
    file: new URL('./faults.worker.js', import.meta.url),
    execArgv: ['--no-warnings'],
    recycle: { maxUses: 1, jitter: 0 },
    pool: { acquireTimeout: '1m', ...pool },
  });
}

function recycling(pool: PoolOptions): ResourceCoordinator {
  const coordinator = new ResourceCoordinator({ resources: { worker: recyclingProcessor(pool) } });
  coordinators.push(coordinator);
  return coordinator;
}

const recycled = (coordinator: ResourceCoordinator): number =>
  coordinator.stats().processors?.['worker']?.recycled ?? 0;

describe('threads that are recycled under load', () => {
  it(
    'lose no task, and are never fewer than the least',
    async () => {
      const coordinator = recycling({ min: MIN, max: MIN });
      await coordinator.warmUp();
      const sizes = new Set<number>();
      most = 0;
      let [asked, done] = [0, 0];
      const call = async (): Promise<void> => {
        while (recycled(coordinator) < RECYCLINGS) {
          asked++;
          const bytes = (await coordinator.process('worker', 'bytes')) as Uint8Array;
          if (bytes.length === 5) done++;
          const { size, creating } = coordinator.stats().pools['worker'];
          sizes.add(size - creating);
        }
      };
      await Promise.all(Array.from({ length: CALLERS }, call));
      expect(done).toBe(asked);
      expect([...sizes]).toEqual([MIN]);
      expect(most).toBe(MIN + 1);
      expect(coordinator.stats().pools['worker']).toMatchObject({ created: MIN, destroyed: 0 });
      expect(coordinator.stats().processors?.['worker']).toMatchObject({
        returned: done,
        failed: 0,
        aborted: 0,
        crashed: 0,
      });
    },
    60_000 + RECYCLINGS * 2_000,
  );

  it.each([
    [
      'gets another generation',
      (coordinator: ResourceCoordinator) => {
        const { pool: _, ...factory } = recyclingProcessor();
        return coordinator.reconfigure('worker', { factory });
      },
    ],
    [
      'gets another size',
      (coordinator: ResourceCoordinator, round: number) =>
        coordinator.reconfigure('worker', { min: 1 + (round % 2), max: 2 + (round % 3) }),
    ],
  ])(
    'lose no task while their pool %s',
    async (_, disturb) => {
      const coordinator = recycling({ min: MIN, max: MIN });
      await coordinator.warmUp();
      let lost = 0;
      const stop = new AbortController();
      const call = async (): Promise<void> => {
        while (!stop.signal.aborted)
          if (((await coordinator.process('worker', 'bytes')) as Uint8Array).length !== 5) lost++;
      };
      const callers = Array.from({ length: CALLERS }, call);
      for (let round = 0; round < 8; round++) {
        await disturb(coordinator, round);
        const before = recycled(coordinator);
        await until(() => recycled(coordinator) > before, 'threads are recycled');
      }
      stop.abort();
      await Promise.all(callers);
      expect(lost).toBe(0);
      expect(coordinator.stats().processors?.['worker']).toMatchObject({ failed: 0, aborted: 0, crashed: 0 });
      await coordinator.cleanup();
      await until(() => alive.size === 0, 'no thread is left');
    },
    60_000,
  );

  it('are gone when the pool is, whenever that is', async () => {
    for (let round = 0; round < 12; round++) {
      const coordinator = recycling({ min: MIN, max: MIN });
      await coordinator.warmUp();
      for (let job = 0; job < round; job++) await coordinator.process('worker', 'bytes');
      await coordinator.cleanup();
      expect([alive.size, coordinator.stats().processors?.['worker']?.threads ?? []]).toEqual([0, []]);
    }
  }, 60_000);
});
