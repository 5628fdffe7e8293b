import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { median, spread } from '../command/median.js';
import { shuffled } from '../command/shuffled.js';
import { CONTENDERS } from '../contenders/index.js';
import type { Scenario } from './scenarios.js';

const run = promisify(execFile);
const sampleFile = fileURLToPath(new URL('./sample.js', import.meta.url));

export interface Figure {
  contender: string;
  median: number;
  /** Half the range of the rounds, as a share of the median. */
  spread: number;
}

/** One scenario's figures. */
export class Measurement {
  private constructor(
    readonly scenario: Scenario,
    readonly figures: readonly Figure[],
  ) {}

  /** @param contenders those to measure, by name; who does not fit the scenario stays out */
  static async take(scenario: Scenario, contenders: readonly string[], rounds: number): Promise<Measurement> {
    const names = CONTENDERS.filter(
      (entry) => contenders.includes(entry.name) && (scenario.fits?.(entry) ?? true),
    ).map(({ name }) => name);
    const samples = new Map(names.map((name) => [name, [] as number[]]));
    for (let round = 0; round < rounds; round++) {
      // In another order each round: what drifts on the machine meets all of them.
      for (const name of shuffled(names)) samples.get(name)?.push(await sample(scenario.id, name));
    }
    const figures = [...samples].map(([contender, all]) => ({
      contender,
      median: median(all),
      spread: spread(all),
    }));
    return new Measurement(scenario, figures);
  }

  of(contender: string): number | undefined {
    return this.figures.find((figure) => figure.contender === contender)?.median;
  }

  /** How many times as good as the other one is; undefined when one of them was not measured. */
  ratio(one: string, other: string): number | undefined {
    const [a, b] = [this.of(one), this.of(other)];
    if (a === undefined || b === undefined) return undefined;
    return this.scenario.unit === 'B/op' ? b / a : a / b;
  }

  /** The best of some contenders. */
  best(among: readonly string[]): string | undefined {
    const candidates = this.figures.filter(({ contender }) => among.includes(contender));
    const sign = this.scenario.unit === 'B/op' ? 1 : -1;
    return candidates.toSorted((a, b) => sign * (a.median - b.median))[0]?.contender;
  }
}

/** Each sample is a process of its own, so that no contender inherits another's optimised code or garbage. */
async function sample(scenario: string, contender: string): Promise<number> {
  const { stdout } = await run(process.execPath, ['--expose-gc', sampleFile, scenario, contender]);
  return Number(stdout);
}
