import { describe, expect, it } from '@jest/globals';
import { ThreadCount } from '../../../../libs/resources/src/threads/upkeep/thread-count.fixture.js';
import { until } from '../../http/until.fixture.js';
import { Press } from './press.fixture.js';

const STARTED = ['0 init', '0 bootstrap'];
const ENDED = ['0 destroy', '0 before shutdown', '0 shutdown'];
const shared = (): Int32Array => new Int32Array(new SharedArrayBuffer(4));
const written = (memory: Int32Array): Promise<void> =>
  until(() => Atomics.load(memory, 0) > 0, 'the job has begun');

describe('the context of a thread', () => {
  it('is closed once, with all hooks, when the application ends', async () => {
    const press = new Press();
    await press.run('print', 'a');
    expect(press.traced).toEqual(STARTED);
    await press.coordinator.cleanup();
    expect(press.traced).toEqual([...STARTED, ...ENDED]);
  });

  it('is closed when its thread is taken out of service', async () => {
    const press = new Press();
    await press.run('print', 'a');
    await press.coordinator.pools.get('press')?.flush();
    await until(() => press.traced.includes('0 shutdown'), 'it is closed');
    expect(press.traced.filter((line) => line.startsWith('0'))).toEqual([...STARTED, ...ENDED]);
    expect(await press.run('print', 'a')).toBe('a on A4, page 1');
  });

  it('is closed after the next one was made, when its thread is recycled', async () => {
    const press = new Press({}, { recycle: { maxUses: 1, jitter: 0 } });
    await press.run('print', 'a');
    await until(() => press.traced.includes('0 shutdown'), 'it is closed');
    expect(press.traced.slice(0, 7)).toEqual([...STARTED, '1 init', '1 bootstrap', ...ENDED]);
  });

  it('is closed where its thread waits to take a place that there is no more', async () => {
    const threads = new ThreadCount();
    const press = new Press({}, { recycle: { maxUses: 1, jitter: 0 } });
    await press.run('print', 'a');
    const began = shared();
    const job = press.run('untilAborted', began).catch((error: unknown) => error);
    await until(() => threads.loaded === 2, 'the next one waits');
    threads.restore();
    await press.coordinator.cleanup({ deadline: 0 });
    expect(await job).toMatchObject({ name: 'ProcessorAbortedError' });
    expect(press.traced.toSorted()).toEqual(
      [
        ...STARTED,
        '1 init',
        '1 bootstrap',
        '0 job over',
        ...ENDED,
        ...ENDED.map((line) => line.replace('0', '1')),
      ].toSorted(),
    );
  });

  it('is closed when its jobs are over', async () => {
    const press = new Press();
    const began = shared();
    const job = press.run('untilAborted', began).catch((error: unknown) => error);
    await written(began);
    await press.coordinator.cleanup({ deadline: 0 });
    expect(await job).toMatchObject({ name: 'ProcessorAbortedError' });
    expect(press.traced).toEqual([...STARTED, '0 job over', ...ENDED]);
  });

  it('is lost with a thread that has to be ended', async () => {
    const press = new Press({}, { graceful: 10 });
    const began = shared();
    const job = press.run('loops', began).catch((error: unknown) => error);
    await written(began);
    await press.coordinator.cleanup({ deadline: 0 });
    expect(await job).toMatchObject({ name: 'ProcessorAbortedError' });
    expect(press.traced).toEqual(STARTED);
  });

  it('whose hook fails ends all the same, and the others are called', async () => {
    const press = new Press({ DESTROY: 'throws' });
    await press.run('print', 'a');
    await press.coordinator.cleanup();
    expect(press.traced).toEqual([...STARTED, ...ENDED]);
  });

  it('whose hook never ends has no more time than a destruction has', async () => {
    const press = new Press({ DESTROY: 'spins' }, { pool: { retirement: { timeout: '1s' } } });
    const failures: unknown[] = [];
    press.coordinator.events$.subscribe((event) => {
      if (event.kind === 'destroyFailed') failures.push(event.cause);
    });
    await press.run('print', 'a');
    await press.coordinator.cleanup();
    expect(press.traced).toEqual([...STARTED, '0 destroy']);
    expect(failures).toMatchObject([{ name: 'TimeLimitError', what: 'destroy' }]);
  });
});
