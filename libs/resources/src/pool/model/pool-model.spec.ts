import { describe, it } from '@jest/globals';
import { asyncProperty, check, defaultReportMessage, scheduler } from 'fast-check';
import { runModel } from './model-run.fixture.js';
import { POOL_KINDS, settingsOf } from './pool-model-options.fixture.js';
import { sequences } from './pool-operations.fixture.js';

/** How many sequences to try on each kind of pool, from which seed, and the one among them that failed. */
const { POOL_MODEL_RUNS, POOL_MODEL_SEED, POOL_MODEL_PATH } = process.env;

const RUNS = Number(POOL_MODEL_RUNS ?? 30);
const LONGEST = 80;
/** The suite does the same each time; who asks for more runs gets new ones. */
const SEED = Number(POOL_MODEL_SEED ?? (POOL_MODEL_RUNS === undefined ? 1 : Date.now() % 2 ** 31));
/** Milliseconds, for finding a smaller sequence that fails, too. */
const LIMIT = 20_000 + RUNS * 100;

describe('a pool', () => {
  it.each(POOL_KINDS)(
    '$name keeps its promises whatever is done to it in whatever order',
    async (kind) => {
      const property = asyncProperty(settingsOf(kind), sequences(LONGEST), scheduler(), runModel);
      const details = await check(property, {
        numRuns: RUNS,
        seed: SEED,
        path: POOL_MODEL_PATH,
        interruptAfterTimeLimit: LIMIT,
      });
      if (!details.failed) return;
      const variables = `POOL_MODEL_SEED=${details.seed} POOL_MODEL_PATH=${details.counterexamplePath}`;
      throw new Error(
        `To replay: ${variables} npm test -- pool-model -t '${kind.name}'\n\n${defaultReportMessage(details)}`,
        { cause: details.errorInstance },
      );
    },
    LIMIT + 10_000,
  );
});
