import type { CachedResourceDefinition } from '../../coordinator/cached-resource-definition.js';
import type { ResourceDefinition } from '../../coordinator/resource-definition.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { describeValue } from '../../words/describe-value.js';
import { checkOptions, OptionReader } from '../../options/option-reader.js';
import type { Duration } from '../../time/duration.js';

/** A factory of any type, pooled, keyed or cached: a definition, or an instance of a factory's class. */
export type CheckedFactory<T> = ResourceDefinition<T> | CachedResourceDefinition<T>;

/** What the factory is tried with. The hooks are about the server and the network, which only you know. */
export interface CheckFactoryOptions<T> {
  /**
   * How many of the factory's resources the server has now: sessions, connections, processes. Asked over and over. What others have
   * there may count, as long as it stays the same.
   */
  count: () => number | Promise<number>;
  /** Has the server end this one, from its side. Without it, that is not tried. */
  kill?: (resource: T) => unknown;
  /**
   * Makes the network silent: nothing arrives any more, on neither side, and nobody hears of it. Returns what ends that. Without it,
   * that is not tried.
   */
  silence?: () => (() => unknown) | Promise<() => unknown>;
  /**
   * Does what a borrower that fails half-way may do: begins a transaction, changes a setting, listens. It may fail itself. Without it,
   * `reset` is not tried.
   */
  spoil?: (resource: T) => unknown;
  /** Whether nothing of that is left, for the next borrower to find. Without it, only whether `reset` works is tried. */
  isClean?: (resource: T) => boolean | Promise<boolean>;
  /** The key that `create` of a keyed or cached type is told. Default `''`. */
  key?: string;
  /** What `create` is told as its credentials, read for each creation. Default: the `credentials` of the definition's pool, if it has any. */
  secret?: () => unknown;
  /** Creations that are aborted at random moments, at least 1. Default 20. */
  aborts?: number;
  /** A whole number that makes the random moments. Default: another one each time; a failure names it. */
  seed?: number;
  /** How long `create`, `validate` and `destroy` have where the server says nothing, before they are given up. More than 0. Default `'1s'`. */
  timeout?: Duration;
  /** Bounds every other wait: for the factory to obey a signal, for the server to notice, for your hooks. More than 0. Default `'5s'`. */
  within?: Duration;
}

/** {@link CheckFactoryOptions} read; times in milliseconds. */
export interface CheckFactorySettings<T> extends CheckFactoryOptions<T> {
  readonly key: string;
  readonly aborts: number;
  readonly seed: number;
  readonly timeout: number;
  readonly within: number;
}

const NAMES: readonly (keyof CheckFactoryOptions<unknown>)[] = [
  'count',
  'kill',
  'silence',
  'spoil',
  'isClean',
  'key',
  'secret',
  'aborts',
  'seed',
  'timeout',
  'within',
];

/** Seeds are below it. */
const SEEDS = 2 ** 32;

/** @throws InvalidOptionsError naming the first option that cannot work */
export function readCheckFactoryOptions<T>(
  factory: CheckedFactory<T>,
  options: CheckFactoryOptions<T>,
): CheckFactorySettings<T> {
  checkOptions(options, 'options');
  const read = new OptionReader('');
  const { count, kill, silence, spoil, isClean, key, secret, aborts, seed, timeout, within } = options;
  read.group('', options, NAMES);
  if (read.callback('count', count) === undefined)
    read.fail('count', 'must be a function that says how many of the resources the server has.');
  if (read.callback('isClean', isClean) !== undefined && spoil === undefined)
    read.fail('isClean', 'needs "spoil", which does what must not be left.');
  return {
    count,
    kill: read.callback('kill', kill),
    silence: read.callback('silence', silence),
    spoil: read.callback('spoil', spoil),
    isClean,
    key: readKey(key, 'pool' in factory && factory.pool?.keyed !== undefined),
    secret: read.callback('secret', secret),
    aborts: read.count('aborts', aborts, 20, 1),
    seed: read.count('seed', seed, Math.floor(Math.random() * SEEDS), 0),
    timeout: read.span('timeout', timeout, '1s'),
    within: read.span('within', within, '5s'),
  };
}

function readKey(key: unknown = '', keyed: boolean): string {
  if (typeof key !== 'string')
    throw new InvalidOptionsError('key', `must be a string; got ${describeValue(key)}.`);
  if (keyed && key === '')
    throw new InvalidOptionsError('key', 'is needed by "create" of a keyed type; give one.');
  return key;
}
