import { seeded } from './bounds.js';
import { CONTENDERS } from './contenders.js';

/** One sample in a process of its own: `throughput-sample.js <contender> <get|set> <seconds>`. Prints operations per CPU second. */
const [, , name, operation, seconds] = process.argv;
const contender = CONTENDERS.find((one) => one.name === name);
if (contender === undefined || (operation !== 'get' && operation !== 'set'))
  throw new Error(`unknown: ${name} ${operation}`);

const KEYS = 10_000;
const cache = contender.open(KEYS);
const keys = Array.from({ length: KEYS }, (_, i) => `tenant:${i % 97}:item:${i}`);
const values = keys.map((id) => ({ id }));
const random = seeded(3);
const order = Uint32Array.from({ length: KEYS * 2 }, () => Math.floor(random() * KEYS));
for (const [i, key] of keys.entries()) await cache.set(key, values[i] ?? {});

const first: unknown = cache.get(keys[0] ?? '');
const isAsync = first instanceof Promise;
if ((await first) === undefined) throw new Error(`${name} lost a key that it has room for`);

async function pass(): Promise<void> {
  for (const i of order) {
    const result = operation === 'get' ? cache.get(keys[i] ?? '') : cache.set(keys[i] ?? '', values[i] ?? {});
    if (isAsync) await result;
  }
}

const rates: number[] = [];
const end = performance.now() + Number(seconds) * 1_000;
for (let i = 0; performance.now() < end || i < 4; i++) {
  const start = process.cpuUsage();
  await pass();
  const { user, system } = process.cpuUsage(start);
  rates.push((order.length / (user + system)) * 1e6);
}
process.stdout.write(`${Math.max(...rates)}\n`); // what the machine does besides only takes away
process.exit(0);
