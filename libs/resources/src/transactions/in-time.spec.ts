import { describe, expect, it } from '@jest/globals';
import { Deferred, Outcome } from '../pool/deferred.fixture.js';
import { VirtualClock } from '../time/virtual-clock.fixture.js';
import { inTime } from './in-time.js';

/** Waits for a turn until the signal is aborted. */
const waiting = (late: AbortSignal): Promise<never> =>
  new Promise((_, reject) => late.addEventListener('abort', () => reject(late.reason as Error)));

describe('work in time', () => {
  it('has its signal aborted at the limit, with the reason that was asked for', async () => {
    const clock = new VirtualClock();
    const tooLate = new Error('too late');
    const outcome = new Outcome(inTime(clock, 1_000, () => tooLate, waiting));
    await clock.advance(999);
    expect(outcome.state).toBe('pending');
    await clock.advance(1);
    expect([outcome.state, outcome.error]).toEqual(['rejected', tooLate]);
  });

  it('goes on after the limit where it does not listen to its signal', async () => {
    const clock = new VirtualClock();
    const work = new Deferred<string>();
    const outcome = new Outcome(
      inTime(
        clock,
        1_000,
        () => new Error('too late'),
        () => work.promise,
      ),
    );
    await clock.advance(1_000);
    work.resolve('done');
    await clock.advance(0);
    expect(outcome.value).toBe('done');
  });

  it.each<[string, () => Promise<unknown>]>([
    ['returns', () => Promise.resolve()],
    ['rejects', () => Promise.reject(new Error('a bug'))],
    [
      'throws',
      () => {
        throw new Error('a bug');
      },
    ],
  ])('leaves no timer behind when it %s', async (_, work) => {
    const clock = new VirtualClock();
    await inTime(clock, 1_000, () => new Error('too late'), work).catch(() => undefined);
    expect(clock.running).toBe(0);
  });
});
