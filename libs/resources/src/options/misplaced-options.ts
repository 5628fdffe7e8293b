import { InvalidOptionsError } from '../errors/invalid-options-error.js';

/**
 * Refuses options that stand beside the methods of a factory, where nobody would read them. Only in a plain object: what an instance of
 * a class has is its own business.
 *
 * @param names of the options
 * @param group under which they belong
 * @param at where the definition stands, for the error: `resources.pg`
 * @throws InvalidOptionsError naming the first of them
 */
export function refuseMisplacedOptions(
  definition: object,
  names: readonly string[],
  group: 'pool' | 'cache',
  at: string,
  type: string,
): void {
  if (Object.getPrototypeOf(definition) !== Object.prototype) return;
  const name = names.find((each) => Object.hasOwn(definition, each));
  if (name === undefined) return;
  throw new InvalidOptionsError(
    `${at}.${name}`,
    `is an option of the ${group}: put it under "${group}".`,
    type,
  );
}
