import { checkOptions, OptionReader } from '../../options/option-reader.js';
import type { Duration } from '../../time/duration.js';

/** With what a control is checked. The hooks use the database in ways that only you know. */
export interface CheckTransactionControlOptions<T> {
  /** Writes something under a name, such as a row or a key. The name is a new one each time. */
  write: (resource: T, name: string) => unknown;
  /** Whether this resource sees what was written under a name. */
  has: (resource: T, name: string) => boolean | Promise<boolean>;
  /** Does something that the database refuses, and that makes the open transaction fail if the database knows such. It may throw. Without it, that is not checked. */
  fail?: (resource: T) => unknown;
  /**
   * Brings two open transactions into a conflict, so that one of them has to be tried again. It throws the database's error, or leaves that to the commits,
   * which follow in the same order. The transactions are serializable if the control can begin such. Without it, that is not checked.
   */
  conflict?: (first: T, second: T) => unknown;
  /** Makes the connection break at the next commit: after the database has received it, and before its answer arrives. Without it, that is not checked. */
  lose?: (resource: T) => unknown;
  /** The key that `create` of a keyed type is told. Default `''`. */
  key?: string;
  /** How long each call of the control, of the factory and of your hooks may take. More than 0. Default `'5s'`. */
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
