import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CONTENDERS } from './contenders.js';

const run = promisify(execFile);
const sampleFile = fileURLToPath(new URL('./throughput-sample.js', import.meta.url));

/** Operations per CPU second, the most of all rounds: what the machine does besides only takes away. */
export interface Throughput {
  contender: string;
  operation: 'get' | 'set';
  rate: number;
}

/** Each sample is a process of its own, in another order each round: what drifts on the machine meets all of them. */
export async function throughput(rounds: number, seconds: number): Promise<Throughput[]> {
  const results: Throughput[] = [];
  for (const operation of ['get', 'set'] as const) {
    const rates = new Map(CONTENDERS.map(({ name }) => [name, [] as number[]]));
    for (let round = 0; round < rounds; round++) {
      const order = [...rates].map((entry) => ({ entry, at: Math.random() })).toSorted((a, b) => a.at - b.at);
      for (const { entry } of order) {
        const { stdout } = await run(process.execPath, [sampleFile, entry[0], operation, String(seconds)]);
        entry[1].push(Number(stdout));
      }
    }
    for (const [contender, all] of rates) {
      results.push({ contender, operation, rate: Math.max(...all) });
    }
  }
  return results;
}

export function table(results: readonly Throughput[]): string {
  const rate = (name: string, operation: string): number =>
    results.find((one) => one.contender === name && one.operation === operation)?.rate ?? NaN;
  const figure = (name: string, operation: string): string => {
    const own = rate(name, operation);
    const factor = own / rate('lru-cache', operation);
    return `${(own / 1e6).toFixed(2).padStart(9)} ${`${factor.toFixed(2)} x`.padStart(9)}`;
  };
  const rows = CONTENDERS.map(
    ({ name }) => `  ${name.padEnd(26)}${figure(name, 'get')}   ${figure(name, 'set')}`,
  );
  const title = `${'million op per CPU second'.padEnd(28)}${'get'.padStart(9)} ${'lru-cache'.padStart(9)}   ${'set'.padStart(9)} ${'lru-cache'.padStart(9)}`;
  return [title, ...rows].join('\n');
}
