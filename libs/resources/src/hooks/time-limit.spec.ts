import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DeadlineWheel } from '../time/deadline-wheel.js';
import { TimeLimitError, type TimeLimitOptions, withTimeLimit } from './time-limit.js';
import { settle, VirtualClock } from '../time/virtual-clock.fixture.js';

describe('withTimeLimit', () => {
  let clock: VirtualClock;
  let wheel: DeadlineWheel;

  beforeEach(() => {
    clock = new VirtualClock();
    wheel = new DeadlineWheel(clock);
  });

  function limited<T>(work: () => T | PromiseLike<T>, more: Partial<TimeLimitOptions<T>> = {}): Promise<T> {
    return withTimeLimit('create', work, { limit: 100, clock, wheel, ...more });
  }

  it('gives what the work returns, at once or later', async () => {
    await expect(limited(() => 1)).resolves.toBe(1);
    await expect(limited(() => Promise.resolve(2))).resolves.toBe(2);
    expect(wheel.size).toBe(0);
  });

  it('gives what a foreign thenable resolves with', async () => {
    // oxlint-disable-next-line unicorn/no-thenable -- a thenable that is no promise is what is tested
    const thenable: PromiseLike<number> = { then: (done) => Promise.resolve(3).then(done) };
    await expect(limited(() => thenable)).resolves.toBe(3);
  });

  it('throws what the work throws, at once or later', async () => {
    const error = new Error('refused');
    const fail = (): never => {
      throw error;
    };
    await expect(limited(fail)).rejects.toBe(error);
    await expect(limited(() => Promise.reject(error))).rejects.toBe(error);
    expect(wheel.size).toBe(0);
  });

  it('fails when the time is up, and says what took too long', async () => {
    const failed = expect(limited(() => new Promise(() => {}))).rejects.toThrow(
      expect.objectContaining({
        name: 'TimeLimitError',
        what: 'create',
        limit: 100,
        message: 'create did not settle within 100 ms',
      }),
    );
    await clock.advance(120);
    await failed;
  });

  it('hands a result that came late to be destroyed, once', async () => {
    const late = jest.fn<(result: string) => void>();
    let finish: (result: string) => void = () => {};
    const failed = expect(limited(() => new Promise<string>((resolve) => (finish = resolve)), { late }))
      .rejects //
      .toBeInstanceOf(TimeLimitError);
    await clock.advance(120);
    await failed;
    finish('late');
    await settle();
    expect(late.mock.calls).toEqual([['late']]);
  });

  it('ignores a late result that nobody wants, and a late failure', async () => {
    let finish: (result: string) => void = () => {};
    let fail: (error: Error) => void = () => {};
    const outcomes = Promise.allSettled([
      limited(() => new Promise<string>((resolve) => (finish = resolve))),
      limited(() => new Promise<string>((_, reject) => (fail = reject))),
    ]);
    await clock.advance(120);
    finish('late');
    fail(new Error('late'));
    await settle();
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('ends early with the reason of the signal', async () => {
    const controller = new AbortController();
    const failed = expect(limited(() => new Promise(() => {}), { signal: controller.signal })).rejects.toBe(
      'why',
    );
    controller.abort('why');
    await failed;
    expect(wheel.size).toBe(0);
  });

  it('ends at once when the work itself has the signal aborted', async () => {
    const controller = new AbortController();
    const work = (): Promise<never> => {
      controller.abort('why');
      return new Promise(() => {});
    };
    await expect(limited(work, { signal: controller.signal })).rejects.toBe('why');
    expect(wheel.size).toBe(0);
  });

  it('takes its listener off the signal', async () => {
    const { signal } = new AbortController();
    const removed = jest.spyOn(signal, 'removeEventListener');
    const added = jest.spyOn(signal, 'addEventListener');
    await limited(() => 1, { signal });
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
      added.mock.calls.map(([, listener]) => listener),
    );
  });

  it('waits for ever with a limit of Infinity, without a timer', async () => {
    void limited(() => new Promise(() => {}), { limit: Infinity });
    await clock.advance(10_000_000);
    expect(clock.running).toBe(0);
  });
});
