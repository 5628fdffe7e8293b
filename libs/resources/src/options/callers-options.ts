import { describeCause } from '../words/describe-cause.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { describeValue } from '../words/describe-value.js';
import { isA } from '../words/is-a.js';

/**
 * Reads options that a caller gave. What it throws is about them: a getter that throws is a mistake in the options, too.
 *
 * @throws InvalidOptionsError
 */
export function readCallersOptions<O, R>(options: O, type: string | undefined, read: (options: O) => R): R {
  try {
    checkIsObject(options);
    return read(options);
  } catch (error) {
    throw optionsError(error, options, type);
  }
}

/** @throws if options are not an object; {@link optionsError} finds the words */
export function checkIsObject(options: unknown): void {
  if (typeof options !== 'object' || options === null) throw new TypeError('no object');
}

/** What a caller is told when its options could not be read. @param error that was thrown meanwhile */
export function optionsError(error: unknown, options: unknown, type?: string): InvalidOptionsError {
  if (isA(error, InvalidOptionsError)) return error;
  const problem =
    typeof options === 'object' && options !== null
      ? `can't be read: ${describeCause(error)}.`
      : `must be an object; got ${describeValue(options)}.`;
  return new InvalidOptionsError('options', problem, type);
}
