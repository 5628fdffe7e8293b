import { describe, expect, it, jest } from '@jest/globals';
import { until } from '../../../../../test/library/http/until.fixture.js';
import { VirtualClock } from '../../time/virtual-clock.fixture.js';
import { ProcessorBench } from '../processor-bench.fixture.js';
import type { ThreadProcessor } from '../thread-processor.js';

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
    const next = jest.spyOn(bench.factory, 'load');
    await loan(bench, processor);
    expect(await processor.run('count')).toBe(1);
    await next.mock.results[0]?.value;
    for (let call = 2; call < 12; call++) {
      expect(await processor.run('count')).toBe(call);
      await processor.run('sum', [1]);
    }
    expect(recycled(bench)).toBe(0);
    await bench.factory.reset(processor);
    expect(recycled(bench)).toBe(1);
    expect(await processor.run('count')).toBe(1);
  });
});
