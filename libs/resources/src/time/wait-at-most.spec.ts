import { describe, expect, it } from '@jest/globals';
import { Outcome } from '../pool/deferred.fixture.js';
import { VirtualClock } from './virtual-clock.fixture.js';
import { waitAtMost } from './wait-at-most.js';

const DAY = 86_400_000;

function waiting(limit: number): { clock: VirtualClock; wait: Outcome<void>; end: () => void } {
  const clock = new VirtualClock();
  let end = (): void => undefined;
  const wait = new Outcome(waitAtMost(limit, clock, (ended) => (end = ended)));
  return { clock, wait, end: () => end() };
}

describe('a wait', () => {
  it('ends with what it waits for, and leaves no timer', async () => {
    const { clock, wait, end } = waiting(1_000);
    await clock.advance(500);
    expect(wait.state).toBe('pending');
    end();
    await clock.advance(0);
    expect([wait.state, clock.running]).toEqual(['fulfilled', 0]);
  });

  it('ends at its limit, and not before, however far that is', async () => {
    const { clock, wait } = waiting(30 * DAY);
    await clock.advance(30 * DAY - 1);
    expect(wait.state).toBe('pending');
    await clock.advance(1);
    expect([wait.state, clock.running]).toEqual(['fulfilled', 0]);
  });

  it('of no time takes no timer, which a test might hold back', async () => {
    const { clock, wait } = waiting(0);
    expect(clock.running).toBe(0);
    await clock.advance(0);
    expect(wait.state).toBe('fulfilled');
  });

  it('without a limit goes on, and holds the process meanwhile', async () => {
    const { clock, wait, end } = waiting(Infinity);
    await clock.advance(100 * DAY);
    expect([wait.state, clock.holding]).toEqual(['pending', 1]);
    end();
    await clock.advance(0);
    expect([wait.state, clock.running]).toEqual(['fulfilled', 0]);
  });
});
