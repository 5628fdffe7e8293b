import { describe, expect, it } from '@jest/globals';
import { Outcome } from './deferred.fixture.js';
import { EXITS, expectedError, FaultCell, FAULTS, type Fault, LONGEST_WAY } from './fault-matrix.fixture.js';
import { AcquireAbortedError, ResourceCreationError } from './index.js';
import { HOOKS } from './moody-factory.fixture.js';

const CELLS = HOOKS.flatMap((hook) =>
  (Object.keys(FAULTS) as Fault[]).flatMap((fault) => EXITS.map((exit) => ({ hook, fault, exit }))),
);

describe('a pool of one place', () => {
  it.each(CELLS)(
    'survives that $hook $fault and its caller goes away $exit',
    async ({ hook, fault, exit }) => {
      const cell = new FaultCell(hook, fault, exit);
      const { outcome, after } = await cell.callerMeetsFault();

      const expected = expectedError(hook, fault, exit);
      expect(outcome.state).toBe(expected === undefined ? 'fulfilled' : 'rejected');
      expect((outcome.error as Error | undefined)?.constructor).toBe(expected);
      if (expected === AcquireAbortedError) expect(outcome.error).toMatchObject({ cause: cell.reason });
      expect(after).toBeLessThanOrEqual(LONGEST_WAY);

      const errors = await cell.lifeGoesOn();
      const told = expected === ResourceCreationError ? 1 : 0;
      expect(errors.length).toBeLessThanOrEqual(1 - told);
      for (const error of errors) expect(error).toBeInstanceOf(ResourceCreationError);
      expect(cell.missed).toBe(false);

      const { factory, pool, clock } = cell;
      await clock.advance(LONGEST_WAY);
      expect(cell.crowded).toBe(0);
      expect(pool.stats).toMatchObject({ size: 1, idle: 1, creating: 0, destroying: 0, pending: 0 });
      expect(factory.alive).toBe(1);

      const closed = new Outcome(pool.close());
      await cell.settled(closed);
      expect(closed.value).toMatchObject({ clean: true });
      expect([factory.alive, pool.stats.size, clock.running]).toEqual([0, 0, 0]);
    },
  );
});
