import { describeValue } from '../words/describe-value.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { isPlainObject } from './plain-object.js';

/**
 * Factories by resource type, one after the other. What they are is still to be checked.
 *
 * @param at where they stand, for the error: `resources`
 * @throws InvalidOptionsError unless it is a plain object: an array has no names, and what is inherited or in a `Map` would be overlooked
 */
export function definitionsOf<D>(definitions: Readonly<Record<string, D>>, at: string): [string, D][] {
  if (isPlainObject(definitions)) return Object.entries(definitions);
  const given = describeValue(definitions);
  const problem =
    given === 'an object'
      ? 'must be a plain object of factories by resource type, such as { pg: factory }: what it inherits, or holds as a Map does, is never read.'
      : `must be an object of factories by resource type; got ${given}.`;
  throw new InvalidOptionsError(at, problem);
}

/**
 * @param at where it stands, for the error: `resources`
 * @param example of a name
 * @throws InvalidOptionsError if it is not the name of a resource type
 */
export function checkTypeName(type: unknown, at: string, example: string): void {
  if (typeof type !== 'string')
    throw new InvalidOptionsError('type', `must be a non-empty string; got ${describeValue(type)}.`);
  if (type === '')
    throw new InvalidOptionsError(
      at,
      `has a resource type without a name; give it one, such as "${example}".`,
    );
  if (type === '__proto__')
    throw new InvalidOptionsError(
      at,
      'has a resource type "__proto__", and objects by type, such as stats(), could not tell it from their prototype; ' +
        `give it another name, such as "${example}".`,
    );
}
