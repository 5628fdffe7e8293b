import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../../../../../test/library/http/until.fixture.js';
import { VirtualClock } from '../../time/virtual-clock.fixture.js';
import { ProcessorBench, shared, workerAt, written } from '../processor-bench.fixture.js';
import { ThreadCount } from './thread-count.fixture.js';
import type { ThreadProcessor } from '../thread-processor.js';

const ALWAYS = { recycle: { maxUses: 1, jitter: 0 } };
const NO_TIME = AbortSignal.abort();

let threads: ThreadCount;
let warned: ReturnType<typeof spyOnWarnings>;
let folder: string;

const spyOnWarnings = () => jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);

beforeEach(() => {
  threads = new ThreadCount();
  warned = spyOnWarnings();
  folder = mkdtempSync(join(tmpdir(), 'turnover-'));
});

afterEach(() => {
  threads.restore();
  warned.mockRestore();
  rmSync(folder, { recursive: true });
});

/** A worker module that can be changed. */
function changeableWorker(): { file: string; break: (code: string) => void; mend: () => void } {
  const file = join(folder, 'worker.mjs');
  const mend = (): void => copyFileSync(fileURLToPath(workerAt()), file);
  mend();
  return { file, mend, break: (code) => writeFileSync(file, code) };
}

async function loan(bench: ProcessorBench, processor: ThreadProcessor): Promise<void> {
  await processor.run('count');
  await bench.factory.reset(processor);
}

const recycled = (bench: ProcessorBench): number => bench.stats.recycled;
const warnings = (): string[] => warned.mock.calls.map(([warning]) => (warning as Error).message);

describe('threads that take the places of others', () => {
  it('are one at a time of each type, and one more than there are processors', async () => {
    const bench = new ProcessorBench(ALWAYS);
    const processors = [await bench.make(), await bench.make(), await bench.make()];
    while (recycled(bench) < 6) for (const processor of processors) await loan(bench, processor);
    expect(threads.most).toBe(4);
  });

  it('go to who can take them, while a session goes on', async () => {
    const bench = new ProcessorBench(ALWAYS);
    const [session, other] = [await bench.make(), await bench.make()];
    await loan(bench, session);
    expect(await session.run('count')).toBe(2);
    for (let round = 1; round < 4; round++) {
      await until(async () => {
        await loan(bench, other);
        return recycled(bench) >= round;
      }, 'the other one gets another thread');
    }
    expect(await session.run('count')).toBe(3);
  });

  it('never take the place of one in which somebody who has no lease any more runs something', async () => {
    const bench = new ProcessorBench(ALWAYS);
    const processor = await bench.make();
    const [abort, seen] = [new AbortController(), shared()];
    await loan(bench, processor);
    const late = processor.run('untilEvent', seen, { signal: abort.signal });
    await written(seen);
    await until(() => threads.loaded === 2, 'another thread is there');
    expect(recycled(bench)).toBe(0);
    abort.abort();
    await expect(late).rejects.toMatchObject({ name: 'ProcessorAbortedError' });
    await bench.factory.reset(processor);
    await until(() => recycled(bench) === 1, 'it has taken the place');
  });

  it('are not made where the heap has shrunk again', async () => {
    const bench = new ProcessorBench({ recycle: { maxHeap: 1e6 } });
    const processor = await bench.make();
    await loan(bench, processor);
    expect([threads.made, recycled(bench)]).toEqual([1, 0]);
  });
});

describe('a thread that can not take the place of another', () => {
  it('as it fails, is tried again later, and later yet, and told of once', async () => {
    const worker = changeableWorker();
    const clock = new VirtualClock();
    const bench = new ProcessorBench({ ...ALWAYS, file: worker.file }, { clock });
    const processor = await bench.make();
    worker.break('throw new Error("broken since");');
    const tries = async (after: number): Promise<number> => {
      await clock.advance(after);
      await loan(bench, processor);
      await until(() => threads.alive === 1, 'it was given up');
      return threads.made - 1;
    };
    expect([await tries(0), await tries(999), await tries(1)]).toEqual([1, 1, 2]);
    expect([await tries(1_999), await tries(1), await tries(3_999), await tries(1)]).toEqual([2, 3, 3, 4]);
    expect([warnings(), bench.retired]).toEqual([['broken since'], []]);
    worker.mend();
    await clock.advance(8_000);
    await loan(bench, processor);
    await until(() => recycled(bench) === 1, 'another thread has taken the place');
    worker.break('throw new Error("broken again");');
    await loan(bench, processor);
    await until(() => warnings().length === 2, 'it is told of anew');
  });

  it.each([
    ['never comes to an end', 'await new Promise(() => setInterval(() => undefined, 1_000));'],
    ['computes for ever', 'for (;;);'],
  ])('as its module %s, is given up in time', async (_, code) => {
    const worker = changeableWorker();
    const clock = new VirtualClock();
    const bench = new ProcessorBench({ ...ALWAYS, file: worker.file }, { clock, creationTimeout: 5_000 });
    const processor = await bench.make();
    worker.break(code);
    await loan(bench, processor);
    await clock.advance(4_999);
    await loan(bench, processor);
    expect([threads.alive, warnings()]).toEqual([2, []]);
    await clock.advance(1);
    await until(() => threads.alive === 1, 'it is gone');
    await until(() => warnings().length === 1, 'it is told');
    expect(warnings()).toEqual(['loading a thread did not settle within 5000 ms']);
    await loan(bench, processor);
    expect(clock.running).toBe(0);
  });

  it('as it dies before it is used, is told of, and made anew later', async () => {
    const worker = changeableWorker();
    const clock = new VirtualClock();
    const bench = new ProcessorBench({ ...ALWAYS, file: worker.file }, { clock });
    const processor = await bench.make();
    const seen = shared();
    worker.break('export const count = () => 1; setTimeout(() => { throw new Error("too late"); }, 100);');
    await loan(bench, processor);
    const session = processor.run('untilEvent', seen, { timeout: 60_000 }).catch(() => undefined);
    await written(seen);
    await until(() => warnings().length === 1, 'it is told');
    expect([warnings(), threads.alive, recycled(bench)]).toEqual([['too late'], 1, 0]);
    worker.mend();
    await clock.advance(60_000);
    await session;
    await bench.factory.reset(processor);
    await until(() => recycled(bench) === 1, 'another one has taken the place');
  });
});

describe('a processor that ends', () => {
  it.each([
    ['another thread is being made', async () => undefined],
    ['another thread waits', async () => await until(() => threads.loaded === 2, 'it is there')],
  ])('while %s leaves none', async (_, wait) => {
    const clock = new VirtualClock();
    const bench = new ProcessorBench(ALWAYS, { clock });
    const processor = await bench.make();
    await loan(bench, processor);
    await processor.run('count'); // so that what comes waits
    await wait();
    await bench.factory.destroy(processor, { signal: NO_TIME });
    expect([threads.alive, threads.made, recycled(bench), clock.running]).toEqual([0, 2, 0, 0]);
    expect(warnings()).toEqual([]);
  });

  it('while the thread before goes leaves none', async () => {
    const bench = new ProcessorBench(ALWAYS);
    const processor = await bench.make();
    await loan(bench, processor);
    await processor.run('count');
    await until(() => threads.loaded === 2, 'another one is there');
    await bench.factory.reset(processor);
    expect([recycled(bench), threads.alive]).toEqual([1, 2]);
    await bench.factory.destroy(processor, { signal: NO_TIME });
    expect(threads.alive).toBe(0);
  });

  it('leaves what is made to the others that are due', async () => {
    const bench = new ProcessorBench(ALWAYS);
    const [first, second] = [await bench.make(), await bench.make()];
    await loan(bench, first);
    await loan(bench, second);
    await bench.factory.destroy(first, { signal: NO_TIME });
    await until(() => recycled(bench) === 1, 'the other one has another thread');
    await until(() => threads.alive === 1, 'the others are gone');
    expect(threads.made).toBe(3);
  });

  it.each([
    ['crashes', 'exits', { name: 'ProcessorCrashedError' }],
    ['has to be ended', 'loops', { name: 'ProcessorAbortedError' }],
  ])('as its job %s while another thread waits is not saved by that', async (_, job, error) => {
    const bench = new ProcessorBench({ ...ALWAYS, graceful: 20 });
    const processor = await bench.make();
    await loan(bench, processor);
    await processor.run('count');
    await until(() => threads.loaded === 2, 'another one is there');
    await expect(processor.run(job, undefined, { timeout: 300 })).rejects.toMatchObject(error);
    await until(() => bench.retired.length === 1, 'its pool is told');
    await bench.factory.destroy(processor, { signal: NO_TIME });
    expect([threads.alive, recycled(bench)]).toEqual([0, 0]);
  });

  it('is followed by one that is due anew, although what was made was just given up', async () => {
    const bench = new ProcessorBench(ALWAYS);
    const [first, second] = [await bench.make(), await bench.make()];
    await loan(bench, first);
    const gone = bench.factory.destroy(first, { signal: NO_TIME });
    await loan(bench, second);
    await gone;
    await until(() => recycled(bench) === 1, 'another thread has taken the place');
    expect(warnings()).toEqual([]);
  });

  it('under the fake timers of a test leaves none either', async () => {
    const bench = new ProcessorBench(ALWAYS);
    const processor = await bench.make();
    await loan(bench, processor);
    await processor.run('count');
    await until(() => threads.loaded === 2, 'another one is there');
    jest.useFakeTimers();
    try {
      await bench.factory.reset(processor);
      await bench.factory.destroy(processor, { signal: NO_TIME });
    } finally {
      jest.useRealTimers();
    }
    expect([threads.alive, recycled(bench)]).toEqual([0, 1]);
  });
});
