import { describe, expect, it, jest } from '@jest/globals';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../../../../test/library/http/until.fixture.js';
import { VirtualClock } from '../time/virtual-clock.fixture.js';
import { ProcessorBench, workerAt } from './processor-bench.fixture.js';
import type { ThreadProcessor } from './thread-processor.js';

/** One loan in which something is run. @returns in which thread */
async function loan(bench: ProcessorBench, processor: ThreadProcessor): Promise<number> {
  const thread = (await processor.run('thread')) as number;
  await bench.factory.reset(processor);
  return thread;
}

const recycled = (bench: ProcessorBench): number => bench.stats.recycled;

describe('a processor whose thread has served long enough', () => {
  it('by its uses gets another one, and nothing of it is lost meanwhile', async () => {
    const bench = new ProcessorBench({ recycle: { maxUses: 2, jitter: 0 } });
    const processor = await bench.make();
    const first = await loan(bench, processor);
    expect(await loan(bench, processor)).toBe(first);
    expect(await processor.run('echo', 'meanwhile')).toBe('meanwhile');
    await bench.factory.reset(processor);
    await until(() => recycled(bench) === 1, 'another thread has taken the place');
    expect(await loan(bench, processor)).not.toBe(first);
    expect(bench.retired).toEqual([]);
    expect(bench.stats.threads).toHaveLength(1);
  });

  it('by its age gets another one at the end of a loan', async () => {
    const clock = new VirtualClock();
    const bench = new ProcessorBench({ recycle: { maxLifetime: '10m', jitter: 0 } }, { clock });
    const processor = await bench.make();
    await clock.advance(599_999);
    const first = await loan(bench, processor);
    await clock.advance(1);
    expect([recycled(bench), await loan(bench, processor)]).toEqual([0, first]);
    await until(() => recycled(bench) === 1, 'another thread has taken the place');
    expect(await loan(bench, processor)).not.toBe(first);
    expect(bench.stats.threads).toMatchObject([{ age: 0, uses: 1 }]);
  });

  it('by its heap gets another one', async () => {
    const bench = new ProcessorBench({ recycle: { maxHeap: 1 } });
    const processor = await bench.make();
    const first = await loan(bench, processor);
    await until(() => recycled(bench) === 1, 'another thread has taken the place');
    expect(await loan(bench, processor)).not.toBe(first);
  });

  it('keeps it until the loan that goes on is over', async () => {
    const bench = new ProcessorBench({ recycle: { maxUses: 1, jitter: 0 } });
    const processor = await bench.make();
    await loan(bench, processor);
    expect(await processor.run('count')).toBe(1);
    await until(() => bench.factory.turns.size === 1, 'another thread is being made');
    for (let call = 2; call < 12; call++) {
      expect(await processor.run('count')).toBe(call);
      await processor.run('sum', [1]);
    }
    expect(recycled(bench)).toBe(0);
    await until(async () => {
      await bench.factory.reset(processor);
      return recycled(bench) === 1;
    }, 'another thread has taken the place');
    expect(await processor.run('count')).toBe(1);
  });

  it('is one of its type at a time', async () => {
    const bench = new ProcessorBench({ recycle: { maxUses: 1, jitter: 0 } });
    const processors = [await bench.make(), await bench.make(), await bench.make()];
    const making = new Set<number>();
    while (recycled(bench) < 4) {
      for (const processor of processors) await loan(bench, processor);
      making.add(bench.factory.turns.size);
    }
    expect(Math.max(...making)).toBe(1);
  });

  it('keeps it where no other can be made, is told so, and tries again later', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'recycled-'));
    const file = join(folder, 'worker.mjs');
    copyFileSync(fileURLToPath(workerAt()), file);
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const clock = new VirtualClock();
    const bench = new ProcessorBench({ file, recycle: { maxUses: 1, jitter: 0 } }, { clock });
    const processor = await bench.make();
    writeFileSync(file, 'throw new Error("broken since");');
    const first = await loan(bench, processor);
    await until(() => warned.mock.calls.length > 0, 'it is told');
    expect(warned.mock.calls[0]?.[0]).toMatchObject({ message: 'broken since' });
    expect(await loan(bench, processor)).toBe(first);
    expect([bench.factory.turns.size, bench.retired]).toEqual([0, []]);
    copyFileSync(fileURLToPath(workerAt()), file);
    await clock.advance(1_000);
    await loan(bench, processor);
    await until(() => recycled(bench) === 1, 'another thread has taken the place');
    warned.mockRestore();
    rmSync(folder, { recursive: true });
  });

  it('is ended with both of its threads', async () => {
    const bench = new ProcessorBench({ recycle: { maxUses: 1, jitter: 0 } });
    const [ready, coming] = [await bench.make(), await bench.make()];
    await loan(bench, ready);
    await ready.run('count'); // so that what comes waits
    await bench.factory.destroy(ready, { signal: new AbortController().signal });
    expect(bench.factory.turns.size).toBe(0);
    await loan(bench, coming);
    await bench.factory.destroy(coming, { signal: new AbortController().signal });
    expect([bench.factory.turns.size, recycled(bench), bench.stats.threads]).toEqual([0, 0, []]);
  });
});

describe('the stats of processors', () => {
  it('count how jobs ended, and tell how long they took', async () => {
    const bench = new ProcessorBench({ graceful: Infinity });
    const processor = await bench.make();
    expect(bench.stats).toMatchObject({
      running: 0,
      returned: 0,
      duration: { mean: 0, p50: 0, p99: 0, max: 0 },
    });
    await processor.run('sum', [1]);
    const rows = (await processor.run('rows', 3)) as AsyncIterable<number>;
    for await (const _ of rows) break;
    for (const [name, input] of [['fails'], ['echo', () => 1]] as const)
      await processor.run(name, input).catch(() => undefined);
    await processor.run('busyUntilAborted', undefined, { timeout: 5 }).catch(() => undefined);
    await until(() => bench.stats.running === 0, 'all are over');
    expect(bench.stats).toMatchObject({ returned: 2, failed: 2, aborted: 1, crashed: 0, recycled: 0 });
    const { mean, p50, p99, max } = bench.stats.duration;
    expect(mean).toBeGreaterThan(0);
    expect([p50 <= p99, p99 <= max * 1.01]).toEqual([true, true]); // the histogram rounds
    await processor.run('exits', 1).catch(() => undefined);
    expect(bench.stats).toMatchObject({ crashed: 1, threads: [] });
  });

  it('tell of each thread, and nothing that Node does not', async () => {
    const bench = new ProcessorBench();
    const processor = await bench.make();
    const [before] = bench.stats.threads;
    expect(Object.keys(before ?? {})).toEqual(['age', 'uses', 'utilization']);
    await loan(bench, processor);
    const [{ age, uses, utilization, heap, cpu } = { age: 0, uses: 0, utilization: 2 }] = bench.stats.threads;
    expect([age > 0, uses, utilization >= 0 && utilization <= 1, (heap ?? 0) > 1]).toEqual([
      true,
      1,
      true,
      true,
    ]);
    expect(cpu === undefined).toBe(!('threadCpuUsage' in process));
  });

  it('see a thread that computes as busy', async () => {
    const processor = await new ProcessorBench().make();
    await processor.run('busyUntilAborted', undefined, { timeout: 300 }).catch(() => undefined);
    expect(processor.stats.utilization).toBeGreaterThan(0.2);
  });
});
