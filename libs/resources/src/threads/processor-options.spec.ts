import { describe, expect, it } from '@jest/globals';
import { readPoolOptions, type PoolOptions } from '../pool/pool-options.js';
import { availableCpus } from './upkeep/available-cpus.js';
import { workerAt } from './processor-bench.fixture.js';
import { readProcessorOptions } from './processor-options.js';
import { poolOptionsFor } from './processor-pool.js';

const read = (options: object) =>
  readProcessorOptions({ file: workerAt(), ...options }, 'processors.pdf', 'pdf');
const settingsFor = (pool?: PoolOptions, graceful = 500) =>
  readPoolOptions(poolOptionsFor(pool, graceful), 'processors.pdf.pool', 'pdf', false);

describe("a processor's options", () => {
  it('have defaults', () => {
    expect(read({})).toMatchObject({ graceful: 500, highWaterMark: 32, carry: undefined });
    expect(read({}).recycling).toMatchObject({
      maxUses: Infinity,
      maxLifetime: 1_800_000,
      maxHeap: Infinity,
      jitter: 0.1,
    });
  });

  it('are read', () => {
    const carry = (): number => 1;
    const limits = { maxOldGenerationSizeMb: 64, stackSizeMb: 1.5 };
    expect(
      read({
        graceful: '2s',
        highWaterMark: Infinity,
        resourceLimits: limits,
        env: { A: 'b' },
        execArgv: [],
        carry,
      }),
    ).toMatchObject({
      graceful: 2_000,
      highWaterMark: Infinity,
      resourceLimits: limits,
      env: { A: 'b' },
      execArgv: [],
      carry,
    });
    expect(read({ graceful: Infinity }).graceful).toBe(Infinity);
  });

  it.each([
    ['file', { file: undefined }],
    ['graceful', { graceful: -1 }],
    ['graceful', { graceful: 'soon' }],
    ['highWaterMark', { highWaterMark: 0 }],
    ['highWaterMark', { highWaterMark: 1.5 }],
    ['resourceLimits', { resourceLimits: 64 }],
    ['resourceLimits.heap', { resourceLimits: { heap: 64 } }],
    ['resourceLimits.stackSizeMb', { resourceLimits: { stackSizeMb: 0 } }],
    ['resourceLimits.stackSizeMb', { resourceLimits: { stackSizeMb: 0.2 } }],
    ['resourceLimits.maxOldGenerationSizeMb', { resourceLimits: { maxOldGenerationSizeMb: 2 } }],
    ['resourceLimits.maxOldGenerationSizeMb', { resourceLimits: { maxOldGenerationSizeMb: Infinity } }],
    ['env', { env: 'A=b' }],
    ['execArgv', { execArgv: '--no-warnings' }],
    ['execArgv', { execArgv: [1] }],
    ['carry', { carry: {} }],
    ['recycle', { recycle: 5 }],
    ['recycle.uses', { recycle: { uses: 5 } }],
    ['recycle.maxUses', { recycle: { maxUses: 0 } }],
    ['recycle.maxLifetime', { recycle: { maxLifetime: 0 } }],
    ['recycle.maxHeap', { recycle: { maxHeap: 0 } }],
    ['recycle.maxHeap', { recycle: { maxHeap: '64' } }],
    ['recycle.jitter', { recycle: { jitter: 2 } }],
  ])('are refused by name: %s of %j', (option, options) => {
    expect(() => read(options)).toThrow(expect.objectContaining({ option: `processors.pdf.${option}` }));
  });
});

describe('the pool of processors', () => {
  it('has one less than there are CPUs, one from the start, and holds none for work that was given up', () => {
    const settings = settingsFor();
    expect(settings.max).toBe(Math.max(1, availableCpus() - 1));
    expect(settings.minimum.min).toBe(1);
    expect(settings.abandonment.wait).toBe(0);
    expect(settings.retirement.maxLifetime).toBe(Infinity); // its threads are recycled
  });

  it('has what is stated', () => {
    const settings = settingsFor({ min: 0, max: 7, abandonment: { max: 1 }, retirement: { jitter: 0 } });
    expect([settings.minimum.min, settings.max, settings.abandonment.wait]).toEqual([0, 7, 0]);
  });

  it.each([500, 60_000])('gives a thread more time to end than its jobs have: %d ms', (graceful) => {
    const { destroyTimeout, validationTimeouts } = settingsFor({}, graceful);
    expect([destroyTimeout, validationTimeouts.reset]).toEqual([graceful + 4_500, graceful + 4_500]);
  });

  it('comes to an end although jobs may take for ever', () => {
    expect(settingsFor({}, Infinity).destroyTimeout).toBeLessThan(Infinity);
  });

  it('may be of a fixed or of an adaptive size', () => {
    expect(settingsFor({ sizing: { mode: 'fixed' } }).minimum.min).toBe(Math.max(1, availableCpus() - 1));
    const { adaptive, minimum } = settingsFor({ sizing: { mode: 'adaptive' } });
    expect([adaptive?.most, minimum.min]).toEqual([Math.max(1, availableCpus() - 1), 1]);
    expect(settingsFor({ sizing: { mode: 'adaptive', least: 64 } }).adaptive?.most).toBe(64);
  });

  it.each([
    7,
    'none',
    null,
    { abandonment: 7 },
    { retirement: 'soon' },
    { validation: [] },
    { max: 0 },
    { size: 3 },
  ])('is refused in the words of any pool: %j', (pool) => {
    expect(() => settingsFor(pool as PoolOptions)).toThrow(/"processors\.pdf\.pool/);
  });
});
