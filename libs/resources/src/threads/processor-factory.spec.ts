import { describe, expect, it } from '@jest/globals';
import { ProcessorCrashedError } from '../errors/processors/processor-crashed-error.js';
import { VirtualClock } from '../time/virtual-clock.fixture.js';
import { until } from '../../../../test/library/http/until.fixture.js';
import { ProcessorBench, shared, workerAt, written } from './processor-bench.fixture.js';

/** One more processor that crashes. */
async function crash(bench: ProcessorBench): Promise<void> {
  const processor = await bench.make();
  await processor.run('exits', 1).catch(() => undefined);
}

describe('the factory of processors', () => {
  it('makes no more after as many crashes in a row as its breaker allows, until one may try', async () => {
    const clock = new VirtualClock();
    const bench = new ProcessorBench({}, { clock, failures: 2 });
    await crash(bench);
    await crash(bench);
    await expect(bench.make()).rejects.toBeInstanceOf(ProcessorCrashedError);
    await clock.advance(200);
    await crash(bench); // the one that may try
    await clock.advance(399);
    await expect(bench.make()).rejects.toBeInstanceOf(ProcessorCrashedError);
    await clock.advance(1);
    const processor = await bench.make();
    expect(await processor.run('echo', 1)).toBe(1);
    await crash(bench);
    expect(await (await bench.make()).run('echo', 2)).toBe(2);
  });

  it('goes on where jobs end well between the crashes', async () => {
    const bench = new ProcessorBench({}, { failures: 2 });
    for (let round = 0; round < 3; round++) {
      await crash(bench);
      expect(await (await bench.make()).run('echo', round)).toBe(round);
    }
  });

  it('takes crashes at the same time for one', async () => {
    const bench = new ProcessorBench({}, { failures: 2 });
    const processors = [await bench.make(), await bench.make(), await bench.make()];
    await Promise.allSettled(processors.map((processor) => processor.run('exits', 1)));
    expect(await (await bench.make()).run('echo', 1)).toBe(1);
  });

  it('does not count jobs that were ended', async () => {
    const bench = new ProcessorBench({ graceful: 0 }, { failures: 1 });
    const processor = await bench.make();
    await processor.run('loops', undefined, { timeout: 10 }).catch(() => undefined);
    await until(() => bench.retired.length > 0, 'its thread has ended');
    expect(await (await bench.make()).run('echo', 1)).toBe(1);
  });

  it('leaves workers that can not be loaded for its pool to count', async () => {
    const bench = new ProcessorBench({ file: workerAt('throws-at-import') }, { failures: 1 });
    for (let round = 0; round < 2; round++) await expect(bench.make()).rejects.toThrow('the font is missing');
  });

  it('has nothing to reset where nothing runs', async () => {
    const bench = new ProcessorBench();
    const processor = await bench.make();
    await processor.run('echo', 1);
    expect(bench.factory.reset(processor)).toBeUndefined();
  });

  it('ends what still runs when a loan is over', async () => {
    const bench = new ProcessorBench();
    const processor = await bench.make();
    const seen = shared();
    const job = processor.run('busyUntilAborted', seen).catch((error: unknown) => error);
    await written(seen);
    await bench.factory.reset(processor);
    expect(await job).toMatchObject({
      name: 'ProcessorAbortedError',
      cause: { message: 'its lease has ended' },
    });
    expect(await processor.run('echo', 1)).toBe(1);
  });

  it('refuses to lend a processor on whose last job did not end', async () => {
    const bench = new ProcessorBench({ graceful: 10 });
    const processor = await bench.make();
    const seen = shared();
    const job = processor.run('loops', seen).catch((error: unknown) => error);
    await written(seen);
    await expect(bench.factory.reset(processor)).rejects.toThrow('its lease has ended');
    expect(await job).toMatchObject({ name: 'ProcessorAbortedError' });
  });

  it('destroys one that does not stop when its time is up', async () => {
    const bench = new ProcessorBench({ graceful: Infinity });
    const processor = await bench.make();
    const seen = shared();
    const job = processor.run('loops', seen).catch((error: unknown) => error);
    await written(seen);
    const up = new AbortController();
    const gone = bench.factory.destroy(processor, { signal: up.signal });
    expect(await job).toMatchObject({ name: 'ProcessorAbortedError' });
    up.abort();
    await gone;
    await expect(processor.run('echo', 1)).rejects.toMatchObject({ name: 'ProcessorAbortedError' });
  });
});
