import { describe, expect, it } from '@jest/globals';
import { type JobFlag, JobFlags } from '../jobs/job-flag.js';
import { ABORTED, TIMED_OUT } from '../protocol.js';
import { jobSignal } from './job-signal.js';

const flagged = (): JobFlag => new JobFlags().take();

describe("a job's signal", () => {
  it('is an AbortSignal that is not aborted while the job is wanted', () => {
    const { signal, look } = jobSignal(flagged());
    look();
    expect(signal).toBeInstanceOf(AbortSignal);
    expect([signal.aborted, signal.reason]).toEqual([false, undefined]);
    expect(() => signal.throwIfAborted()).not.toThrow();
  });

  it('is aborted as soon as the flag says so, whoever asks', () => {
    const flag = flagged();
    const { signal } = jobSignal(flag);
    flag.state = ABORTED;
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toMatchObject({ name: 'AbortError' });
    expect(() => signal.throwIfAborted()).toThrow(expect.objectContaining({ name: 'AbortError' }));
  });

  it('tells by its reason that a deadline has passed', () => {
    const flag = flagged();
    const { signal } = jobSignal(flag);
    flag.state = TIMED_OUT;
    expect(() => signal.throwIfAborted()).toThrow(expect.objectContaining({ name: 'TimeoutError' }));
  });

  it('tells its listeners once, when it is told to look or is asked', () => {
    const flag = flagged();
    const { signal, look } = jobSignal(flag);
    let told = 0;
    signal.addEventListener('abort', () => told++);
    look();
    flag.state = ABORTED;
    expect(told).toBe(0);
    look();
    look();
    expect([signal.aborted, told]).toEqual([true, 1]);
  });

  it('can be combined with others', () => {
    const flag = flagged();
    const { signal, look } = jobSignal(flag);
    const any = AbortSignal.any([signal, new AbortController().signal]);
    flag.state = ABORTED;
    look();
    expect(any.aborted).toBe(true);
  });
});
