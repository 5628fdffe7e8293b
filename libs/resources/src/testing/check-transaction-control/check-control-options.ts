import { checkOptions, OptionReader } from '../../options/option-reader.js';
import type { Duration } from '../../time/duration.js';

/** What the control is tried with. The hooks are about the database, which only you know. */
export interface CheckTransactionControlOptions<T> {
  /** Writes something under this name, which is another one each time: a row, a key. */
  write: (resource: T, name: string) => unknown;
  /** Whether there is, for this resource, what was written under this name. */
  has: (resource: T, name: string) => boolean | Promise<boolean>;
  /** Does what the database refuses, and what fails the transaction with that, if anything does. It may fail itself. Without it, that is not tried. */
  fail?: (resource: T) => unknown;
  /**
   * Brings two open transactions into a conflict, so that one of them has to be tried again: it throws what the database says of that, or
   * leaves it to the commits, of which the first one's comes first. They are serializable if the control can have that. Without it, that is not tried.
   */
  conflict?: (first: T, second: T) => unknown;
  /** Has the connection lost at the next commit, when the database has heard it, and nobody its answer. Without it, that is not tried. */
  lose?: (resource: T) => unknown;
  /** The key that `create` of a keyed type is told. Default `''`. */
  key?: string;
  /** Bounds every call of the control, of the factory and of your hooks. More than 0. Default `'5s'`. */
  within?: Duration;
}

/** {@link CheckTransactionControlOptions} read; times in milliseconds. */
export interface CheckControlSettings<T> extends CheckTransactionControlOptions<T> {
  readonly key: string;
  readonly within: number;
}

const NAMES: readonly (keyof CheckTransactionControlOptions<unknown>)[] = [
  'write',
  'has',
  'fail',
  'conflict',
  'lose',
  'key',
  'within',
];

/** @throws InvalidOptionsError naming the first option that cannot work */
export function readCheckControlOptions<T>(
  options: CheckTransactionControlOptions<T>,
): CheckControlSettings<T> {
  checkOptions(options, 'options');
  const read = new OptionReader('');
  const { write, has, fail, conflict, lose, key = '', within } = options;
  read.group('', options, NAMES);
  if (read.callback('write', write) === undefined)
    read.fail('write', 'must be a function that writes something under a name.');
  if (read.callback('has', has) === undefined)
    read.fail('has', 'must be a function that looks for what was written under a name.');
  if (typeof key !== 'string') read.fail('key', 'must be a string.');
  return {
    write,
    has,
    fail: read.callback('fail', fail),
    conflict: read.callback('conflict', conflict),
    lose: read.callback('lose', lose),
    key,
    within: read.span('within', within, '5s'),
  };
}
