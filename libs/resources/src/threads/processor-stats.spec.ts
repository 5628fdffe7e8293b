import { describe, expect, it } from '@jest/globals';
import { until } from '../../../../test/library/http/until.fixture.js';
import { ProcessorBench } from './processor-bench.fixture.js';

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
    await processor.run('thread');
    await bench.factory.reset(processor);
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
