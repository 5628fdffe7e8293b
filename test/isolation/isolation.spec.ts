import { describe, expect, it } from '@jest/globals';
import { describeViolation } from './command/describe.js';
import { runJob } from './command/job.js';
import { ADAPTERS, HANDLERS, requestsOf } from './plan/plan.js';
import { planRound } from './plan/plan-round.js';
import { DEFAULT_RUN } from './run/run-defaults.js';

const SEED = 20;
const OPTIONS = { adapter: 'express', clients: 48, size: 1_000 } as const;

describe('the plan of random requests', () => {
  it('is the same for the same seed', () => {
    expect(planRound(SEED, 3, OPTIONS)).toEqual(planRound(SEED, 3, OPTIONS));
    expect(planRound(SEED, 3, OPTIONS)).not.toEqual(planRound(SEED + 1, 3, OPTIONS));
    expect(planRound(SEED, 3, OPTIONS)).not.toEqual(planRound(SEED, 4, OPTIONS));
  });

  it('asks for every kind of handler', () => {
    const asked = requestsOf(planRound(SEED, 0, OPTIONS)).map(({ handler }) => handler);
    expect(new Set(asked)).toEqual(new Set(HANDLERS));
  });

  it('never gives two requests of a run one number', () => {
    const ids = [0, 1, 2].flatMap((number) =>
      requestsOf(planRound(SEED, number, OPTIONS)).map(({ id }) => id),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe.each(ADAPTERS)('random requests on %s', (adapter) => {
  it('cross nowhere, and leave nothing', async () => {
    const { requests, violations } = await runJob({
      run: { ...DEFAULT_RUN, ...OPTIONS, adapter, seed: SEED, requests: 2_000 },
      shrink: false,
    });
    expect(violations.slice(0, 5).map(describeViolation)).toEqual([]);
    expect(requests).toBeGreaterThanOrEqual(2_000);
  });
});
