import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { until } from '../../../../test/library/http/until.fixture.js';
import { VirtualClock } from '../time/virtual-clock.fixture.js';
import { ProcessorBench, workerAt } from './processor-bench.fixture.js';
import type { ProcessorOptions } from './processor-options.js';

const folder = mkdtempSync(join(tmpdir(), 'closing-'));
const file = join(folder, 'trace');

afterEach(() => rmSync(file, { force: true }));

const traced = (): string[] => readFileSync(file, 'utf8').trim().split('\n');

/** Processors whose threads have something to close. */
function benchOf(env: NodeJS.Dict<string> = {}, options: Partial<ProcessorOptions> = {}): ProcessorBench {
  const clock = new VirtualClock();
  return new ProcessorBench(
    { file: workerAt('closing-worker'), env: { TRACE: file, ...env }, ...options },
    { clock },
  );
}

describe('a thread that has something to close', () => {
  it('does it once, when its processor is taken out of service', async () => {
    const bench = benchOf();
    const processor = await bench.make();
    expect(await processor.run('echo', 1)).toBe(1);
    await bench.factory.destroy(processor, { signal: new AbortController().signal });
    expect(traced()).toEqual(['started with echo', 'closes', 'closed']);
    expect(bench.stats.threads).toEqual([]);
    await processor.close(new AbortController().signal);
    expect(traced()).toHaveLength(3);
  });

  it('has no time for it where its end is wanted at once', async () => {
    const bench = benchOf();
    const processor = await bench.make();
    await bench.factory.destroy(processor, { signal: AbortSignal.abort() });
    expect(traced()).toEqual(['started with echo']);
  });

  it.each(['hangs', 'spins'])('and %s then is ended when its time is up', async (how) => {
    const bench = benchOf({ CLOSE: how });
    const processor = await bench.make();
    const up = new AbortController();
    const gone = bench.factory.destroy(processor, { signal: up.signal });
    await until(() => traced().includes('closes'), 'it is being closed');
    up.abort();
    await gone;
    expect(traced()).toEqual(['started with echo', 'closes']);
  });

  it.each([
    ['throws', { name: 'TypeError', message: 'the door is stuck' }],
    ['exits', { name: 'ProcessorCrashedError', exitCode: 3 }],
    [
      'crashes',
      { name: 'ProcessorCrashedError', cause: { name: 'TypeError', message: 'the door has fallen' } },
    ],
  ])('and %s then is ended all the same, and tells why', async (how, error) => {
    const bench = benchOf({ CLOSE: how });
    const processor = await bench.make();
    const gone = bench.factory.destroy(processor, { signal: new AbortController().signal });
    await expect(gone).rejects.toMatchObject(error);
    expect([traced().at(-1), bench.stats.threads]).toEqual(['closes', []]);
  });

  it('may end by itself when it has', async () => {
    const bench = benchOf({ CLOSE: 'exitsWell' });
    const processor = await bench.make();
    await bench.factory.destroy(processor, { signal: new AbortController().signal });
    expect(traced().at(-1)).toBe('closes');
  });

  it.each(['throws', 'exits', 'crashes'])(
    'and %s when another one has taken its place harms nobody, and the process is warned',
    async (how) => {
      const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
      const bench = benchOf({ CLOSE: how }, { recycle: { maxUses: 1, jitter: 0 } });
      const processor = await bench.make();
      await processor.run('echo', 1);
      await bench.factory.reset(processor);
      await until(() => warned.mock.calls.length > 0, 'the process is warned');
      expect(await processor.run('echo', 2)).toBe(2);
      expect([bench.retired, bench.stats.recycled]).toEqual([[], 1]);
      warned.mockRestore();
    },
  );

  it('and does not when another one has taken its place is ended with the processor at the latest', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const bench = benchOf({ CLOSE: 'spins' }, { recycle: { maxUses: 1, jitter: 0 } });
    const processor = await bench.make();
    await processor.run('echo', 1);
    await bench.factory.reset(processor);
    await until(() => traced().includes('closes'), 'it is being closed');
    const up = new AbortController();
    const gone = bench.factory.destroy(processor, { signal: up.signal });
    up.abort();
    await gone;
    expect(traced().filter((line) => line === 'closed')).toEqual([]);
    warned.mockRestore();
  });

  it.each([
    ['throws', { name: 'TypeError', message: 'the door is stuck' }],
    ['exits', { name: 'ProcessorCrashedError', exitCode: 3 }],
  ])('and needs something that %s at the start was never there', async (how, error) => {
    await expect(benchOf({ START: how }).make()).rejects.toMatchObject(error);
  });
});
