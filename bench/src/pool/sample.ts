import { CONTENDERS } from '../contenders/index.js';
import { SCENARIOS } from './scenarios.js';

/** One sample in a process of its own: `sample.js <scenario> <contender>`. Prints the figure. */
const [, , scenarioId, contenderName] = process.argv;
const scenario = SCENARIOS.find(({ id }) => id === scenarioId);
const entry = CONTENDERS.find(({ name }) => name === contenderName);
if (scenario === undefined || entry === undefined) {
  throw new Error(`unknown: ${scenarioId} / ${contenderName}`);
}
const pool = entry.open(scenario.options);
process.stdout.write(`${await scenario.run(pool)}\n`);
process.exit(0);
