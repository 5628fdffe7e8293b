import { describe, expect, it, jest } from '@jest/globals';
import { settle } from '../../time/virtual-clock.fixture.js';
import type { Thing } from '../counting-factory.fixture.js';
import { PoolBench } from '../pool-bench.fixture.js';

const gone = Object.assign(new Error('connection terminated'), { code: '57P01' });
const mistake = Object.assign(new Error('syntax error'), { code: '42601' });
const isFatal = (error: unknown): boolean => error === gone;

const broken = new Error('no code');
const throwing = (): never => {
  throw broken;
};

const failing = (cause: unknown) => (): Promise<never> => Promise.reject(cause);

describe('validation.isFatal', () => {
  it('retires a resource whose work threw a fatal error, with the cause', async () => {
    const bench = new PoolBench({ validation: { isFatal } });
    const events = bench.record();
    await expect(bench.pool.use(failing(gone))).rejects.toBe(gone);
    await settle();
    expect(bench.pool.stats).toMatchObject({ size: 0, destroyed: 1, released: 1, retired: { invalid: 1 } });
    expect(events).toContainEqual({
      kind: 'retired',
      type: 'thing',
      resourceId: 1,
      reason: 'invalid',
      cause: gone,
    });
  });

  it('takes back a resource whose work threw another error', async () => {
    const bench = new PoolBench({ validation: { isFatal } });
    await expect(bench.pool.use(failing(mistake))).rejects.toBe(mistake);
    expect(bench.pool.stats).toMatchObject({ size: 1, idle: 1, retired: { invalid: 0 } });
  });

  it('takes no error for fatal unless told', async () => {
    const bench = new PoolBench();
    await expect(bench.pool.use(failing(gone))).rejects.toBe(gone);
    expect(bench.pool.stats).toMatchObject({ size: 1, idle: 1 });
  });

  it('is asked with the resource', async () => {
    const asked: unknown[][] = [];
    const remember = (error: unknown, thing: Thing): boolean => asked.push([error, thing.id]) < 0;
    const bench = new PoolBench({ validation: { isFatal: remember } });
    await expect(bench.pool.use(failing(mistake))).rejects.toBe(mistake);
    await bench.pool.use(() => undefined);
    expect(asked).toEqual([[mistake, 1]]);
  });

  it('is not asked when the work has ended the lease by itself', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockReturnValue();
    const asked = jest.fn(() => true);
    const bench = new PoolBench({ validation: { isFatal: asked } });
    const work = bench.pool.use(async (_, lease) => {
      await lease.release();
      throw gone;
    });
    await expect(work).rejects.toBe(gone);
    expect(asked).not.toHaveBeenCalled();
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
    expect(bench.pool.stats).toMatchObject({ size: 1, idle: 1 });
  });

  it('retires the resource when it throws itself, and is reported as a warning', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockReturnValue();
    const bench = new PoolBench({ validation: { isFatal: throwing } });
    await expect(bench.pool.use(failing(mistake))).rejects.toBe(mistake);
    expect(bench.pool.stats.retired.invalid).toBe(1);
    expect(warn).toHaveBeenCalledWith(broken);
    warn.mockRestore();
  });

  it.each([
    ['a promise', Promise.resolve(false)],
    // oxlint-disable-next-line unicorn/no-thenable -- what the test is about
    ['a thenable', { then: () => undefined }],
  ])('that answers with %s is told what it must be, and the resource is retired', async (_, answer) => {
    const warn = jest.spyOn(process, 'emitWarning').mockReturnValue();
    const asynchronous = (() => answer) as unknown as () => boolean;
    const bench = new PoolBench({ validation: { isFatal: asynchronous } });
    await expect(bench.pool.use(failing(mistake))).rejects.toBe(mistake);
    expect(bench.pool.stats.retired.invalid).toBe(1);
    expect(warn.mock.calls.flat().map(String)).toEqual([
      'TypeError: isFatal must answer at once, and returned a promise',
    ]);
    warn.mockRestore();
  });

  it('is told of by an event where somebody listens', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockReturnValue();
    const bench = new PoolBench({ validation: { isFatal: throwing } });
    const events = bench.record();
    await expect(bench.pool.use(failing(mistake))).rejects.toBe(mistake);
    expect(events).toContainEqual({ kind: 'isFatalFailed', type: 'thing', resourceId: 1, cause: broken });
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  it('changes at run time', async () => {
    const bench = new PoolBench();
    bench.pool.reconfigure({ validation: { isFatal } });
    await expect(bench.pool.use(failing(gone))).rejects.toBe(gone);
    expect(bench.pool.stats.retired.invalid).toBe(1);
  });
});
