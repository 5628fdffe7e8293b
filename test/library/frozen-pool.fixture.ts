/*
 * A process with a pool, to be frozen and thawed: says "ready", and what has become of its pool once it notices that it was
 * frozen. Run on its own, see frozen-pool.spec.ts.
 */
import { ResourcePool } from 'nestjs-resources/pool';

/** Between two looks at the clock, in milliseconds; and how much later one must be. */
const TICK = 20;
const FROZEN = 2_000;

let validations = 0;
const pool = new ResourcePool<object>(
  {
    create: () => ({}),
    validate: () => {
      validations++;
      return true;
    },
  },
  { idleTimeout: '2500ms', maxLeaseTime: '2500ms', validation: { aliveBypass: '1h' } },
);

const [kept, ...others] = await Promise.all([pool.acquire(), pool.acquire(), pool.acquire()]);
for (const lease of others) await lease.release();

let last = performance.now();
const ticker = setInterval(() => {
  const now = performance.now();
  if (now - last > FROZEN) setTimeout(() => void report(), TICK);
  last = now;
}, TICK);
process.stdout.write('ready\n');

/** After the housekeeper has looked. */
async function report(): Promise<void> {
  clearInterval(ticker);
  const { idle, retired } = pool.stats;
  const validatedByItself = validations;
  await pool.acquire();
  const found = { held: !kept.ended, idle, retired, validatedByItself, validatedForALoan: validations };
  process.stdout.write(`${JSON.stringify(found)}\n`);
  process.exit();
}
