import { describe, expect, it } from '@jest/globals';
import { flagAt, JobFlags } from './job-flag.js';
import { ABORTED, GOES_ON } from '../protocol.js';

describe("the flags of a thread's jobs", () => {
  it('are seen by the thread at their address', () => {
    const flags = new JobFlags();
    const [one, other] = [flags.take(), flags.take()];
    other.state = ABORTED;
    expect([one, other].map(({ address }) => flagAt(flags.memory, address).state)).toEqual([
      GOES_ON,
      ABORTED,
    ]);
  });

  it('are used again, and then say that the next job goes on', () => {
    const flags = new JobFlags();
    const first = flags.take();
    first.state = ABORTED;
    flags.giveBack(first);
    expect(flags.take()).toBe(first);
    expect(first.state).toBe(GOES_ON);
  });

  it('are as many as jobs run side by side', () => {
    const flags = new JobFlags();
    const taken = Array.from({ length: 1_500 }, () => flags.take());
    for (const [job, flag] of taken.entries()) flag.state = job;
    const seen = taken.map(({ address }) => flagAt(flags.memory, address).state);
    expect(seen).toEqual(taken.map((_, job) => job));
  });
});
