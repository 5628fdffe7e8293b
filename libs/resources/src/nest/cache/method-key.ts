import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { format } from '../../time/duration.js';
import type { CachedOptions } from './cached-method.js';

/**
 * The types of parameters whose arguments are plain for sure, or may be: of an interface the compiler tells `Object`, of
 * rest parameters some tell `Array`. Those arguments are looked at in each call.
 */
const PLAIN_TYPES: readonly unknown[] = [String, Number, Boolean, BigInt, Object, Array, undefined];

const NEEDS_KEY = 'Give it a key: @Cached({ key: (...args) => string }).';

/**
 * Refuses, before the application starts, a method whose arguments can't be a key.
 *
 * @param place such as `Prices.price`
 * @throws InvalidOptionsError
 */
export function checkParameters(place: string, parameters: readonly unknown[]): void {
  const index = parameters.findIndex((type) => !PLAIN_TYPES.includes(type));
  if (index === -1) return;
  const { name } = parameters[index] as { name: string }; // what is no plain type is a class
  throw new InvalidOptionsError(
    `@Cached() of ${place}`,
    `can't make a key of parameter ${index}, which is a ${name} and no plain value. ${NEEDS_KEY}`,
  );
}

/**
 * The key of one call.
 *
 * @throws InvalidOptionsError for an argument that is not plain, when there is no key function, and for a key
 * that is no string
 */
export function keyOf(place: string, { key }: CachedOptions, args: readonly unknown[]): string {
  if (key === undefined)
    return `${place}(${args.map((value, index) => plain(place, value, index)).join(',')})`;
  const found: unknown = key(...(args as never[])); // the method's own arguments
  if (typeof found === 'string') return `${place}(${found})`;
  throw new InvalidOptionsError(`@Cached().key of ${place}`, `must make a string; got ${format(found)}.`);
}

function plain(place: string, value: unknown, index: number): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (value === null || ['number', 'boolean', 'undefined'].includes(typeof value)) return String(value);
  throw new InvalidOptionsError(
    `@Cached() of ${place}`,
    `can't make a key of argument ${index}, which is ${format(value)} and no plain value. ${NEEDS_KEY}`,
  );
}
