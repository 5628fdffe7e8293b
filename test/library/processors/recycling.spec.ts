import { afterEach, describe, expect, it } from '@jest/globals';
import { ResourceCoordinator } from 'nestjs-resources';
import { defineProcessor } from 'nestjs-resources/processors';

/** Threads that are replaced, a count. */
const RECYCLINGS = Number(process.env.PROCESSOR_RECYCLINGS ?? 20);
/** Tasks that wait or run at any time, a count. */
const CALLERS = 6;
const MIN = 2;

const coordinators: ResourceCoordinator[] = [];

afterEach(async () => {
  for (const coordinator of coordinators.splice(0)) await coordinator.cleanup({ deadline: 0 });
});

describe('threads that are recycled under load', () => {
  it('lose no task, and are never fewer than the least', async () => {
    const worker = defineProcessor({
      file: new URL('./faults.worker.js', import.meta.url),
      execArgv: ['--no-warnings'],
      recycle: { maxUses: 1, jitter: 0 },
      pool: { min: MIN, max: MIN, acquireTimeout: '1m' },
    });
    const coordinator = new ResourceCoordinator({ resources: { worker } });
    coordinators.push(coordinator);
    await coordinator.warmUp();
    const recycled = (): number => coordinator.stats().processors?.['worker']?.recycled ?? 0;
    const sizes = new Set<number>();
    let [asked, done] = [0, 0];
    const call = async (): Promise<void> => {
      while (recycled() < RECYCLINGS) {
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
    expect(coordinator.stats().pools['worker']).toMatchObject({ created: MIN, destroyed: 0 });
    expect(coordinator.stats().processors?.['worker']).toMatchObject({
      returned: done,
      failed: 0,
      aborted: 0,
      crashed: 0,
    });
  }, 120_000);
});
