import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '../../../../test/library/http/until.fixture.js';
import { settle, VirtualClock } from '../time/virtual-clock.fixture.js';
import { ProcessorBench, workerAt } from './processor-bench.fixture.js';

describe('a thread that is given up while it loads its worker', () => {
  let folder: string;
  let clock: VirtualClock;
  let made: Promise<unknown>;
  let bench: ProcessorBench;
  const traced = (): string =>
    existsSync(join(folder, 'trace')) ? readFileSync(join(folder, 'trace'), 'utf8') : '';

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'loading-'));
    clock = new VirtualClock();
    const env = { TRACE: join(folder, 'trace'), GO: join(folder, 'go') };
    bench = new ProcessorBench({ file: workerAt('loads-slowly'), env }, { clock });
    const abort = new AbortController();
    made = bench.make(abort.signal).catch((error: unknown) => error);
    await until(() => traced() === 'begun\n', 'it loads');
    abort.abort(new Error('too late'));
    await settle();
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('ends when that is loaded', async () => {
    writeFileSync(join(folder, 'go'), '');
    expect(await made).toEqual(new Error('too late'));
    expect(traced()).toBe('begun\nloaded\n');
    expect(bench.stats.threads).toEqual([]);
  });

  it('ends five seconds after it began at the latest', async () => {
    await clock.advance(5_000);
    expect(await made).toEqual(new Error('too late'));
    expect(traced()).toBe('begun\n');
    expect(bench.stats.threads).toEqual([]);
  });
});
