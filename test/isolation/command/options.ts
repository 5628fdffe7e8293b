import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readCount } from '../../../bench/src/command/read-count.js';
import { randomSeed } from '../../../bench/src/command/random.js';
import { type Adapter, ADAPTERS, HANDLERS, type Handler } from '../plan/plan.js';
import { DEFAULT_RUN } from '../run/run-defaults.js';

const MOST = 1e9;

/** What `npm run isolation` was told. */
export interface CommandOptions {
  readonly adapters: readonly Adapter[];
  /** Major versions. */
  readonly nodes: readonly number[];
  readonly seed: number;
  readonly requests: number;
  readonly clients: number;
  readonly size: number;
  readonly from: number;
  readonly handlers: readonly Handler[] | undefined;
  readonly library: string | undefined;
  readonly keepGoing: boolean;
  readonly shrink: boolean;
  readonly prove: boolean;
  /** Names of faults to plant, `all` for all. */
  readonly plant: string | undefined;
  readonly replay: string | undefined;
  /** Whether to print the plan, and what was seen of a failure in full. */
  readonly plan: boolean;
}

/** @throws Error for an option that can't work */
export function readOptions(args: readonly string[]): CommandOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      adapter: { type: 'string' },
      nodes: { type: 'string', default: `${Number.parseInt(process.versions.node, 10)}` },
      seed: { type: 'string', default: `${randomSeed()}` },
      requests: { type: 'string', default: `${DEFAULT_RUN.requests}` },
      clients: { type: 'string', default: `${DEFAULT_RUN.clients}` },
      size: { type: 'string', default: `${DEFAULT_RUN.size}` },
      round: { type: 'string' },
      handlers: { type: 'string' },
      library: { type: 'string' },
      'keep-going': { type: 'boolean', default: false },
      'no-shrink': { type: 'boolean', default: false },
      prove: { type: 'boolean', default: false },
      plant: { type: 'string' },
      replay: { type: 'string' },
      plan: { type: 'boolean', default: false },
    },
  });
  const size = readCount('size', values.size, MOST);
  const { adapter, handlers, library, round } = values;
  return {
    adapters: adapter === undefined ? ADAPTERS : [oneOf(ADAPTERS, adapter, 'adapter')],
    nodes: values.nodes.split(',').map((node) => readCount('nodes', node)),
    seed: readCount('seed', values.seed, 2 ** 32),
    requests: round === undefined ? readCount('requests', values.requests, MOST) : size,
    clients: readCount('clients', values.clients),
    size,
    from: round === undefined ? 0 : Number(round),
    handlers: handlers?.split(',').map((handler) => oneOf(HANDLERS, handler, 'handlers')),
    library: library === undefined ? undefined : packageFolder(library),
    keepGoing: values['keep-going'],
    shrink: !values['no-shrink'],
    prove: values.prove,
    plant: values.plant,
    replay: values.replay,
    plan: values.plan,
  };
}

/** A checkout's folder, or that of the package in it. */
export function packageFolder(path: string): string {
  const folders = [resolve(path, 'libs/resources'), resolve(path)];
  const found = folders.find((folder) => existsSync(join(folder, 'dist')));
  if (found === undefined) throw new Error(`--library: there is no built library in ${path}`);
  return found;
}

function oneOf<V extends string>(known: readonly V[], value: string, option: string): V {
  const found = known.find((one) => one === value);
  if (found === undefined) throw new Error(`--${option} must be one of ${known.join(', ')}, not "${value}"`);
  return found;
}
