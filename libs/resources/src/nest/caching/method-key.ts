import type { KeyFunction } from '../../cache/loads/load-host.js';
import type { LeaseScope } from '../../scopes/lease-scope.js';
import type { LoadTerms } from '../../scopes/load-terms.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { NoLeaseScopeError } from '../../errors/no-lease-scope-error.js';
import { UndeclaredKeyError } from '../../errors/undeclared-key-error.js';
import { describeValue } from '../../words/describe-value.js';
import type { CachedOptions } from '../decorators/cached-method.js';
import { noKeyFound } from '../decorators/resource-key.js';
import { requestContextOf } from '../contexts/request-context.js';

/**
 * The types of parameters whose arguments are certainly plain, or may be: for an interface the compiler emits `Object`, for
 * rest parameters some compilers emit `Array`. Those arguments are looked at in each call.
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
  const { name } = parameters[index] as { name: string }; // a type that is not plain is a class
  throw new InvalidOptionsError(
    `@Cached() of ${place}`,
    `can't make a key of parameter ${index}, which is a ${name}, not a plain value. ${NEEDS_KEY}`,
  );
}

/**
 * What a call's arguments add to the key of its entry. Different arguments add different strings.
 *
 * @throws InvalidOptionsError for an argument that is not plain, when there is no key function, and for a key
 * that is not a string
 */
export function argumentsKey(place: string, { key }: CachedOptions, args: readonly unknown[]): string {
  if (key === undefined) return args.map((value, index) => plain(place, value, index)).join(',');
  const found: unknown = key(...(args as never[])); // the method's own arguments
  if (typeof found === 'string') return found;
  throw new InvalidOptionsError(
    `@Cached().key of ${place}`,
    `must return a string; it returned ${describeValue(found)}.`,
  );
}

/**
 * What the key functions of an entry find for a call.
 *
 * @param scope in which the entry is asked for
 * @param load in which it is, if it is in one
 * @throws NoLeaseScopeError where there is no request, UndeclaredKeyError in a load that does not declare these functions,
 * InvalidOptionsError for what is not a key, and whatever the functions throw
 */
export function requestKeys(
  place: string,
  functions: readonly KeyFunction[],
  scope: LeaseScope | undefined,
  load: LoadTerms | undefined,
): ReadonlyMap<KeyFunction, string> {
  const found = new Map<KeyFunction, string>();
  if (functions.length === 0) return found;
  const context = load === undefined ? requestContextOf(scope) : undefined;
  for (const find of functions) {
    if (load !== undefined) found.set(find, declared(place, find, load));
    else if (context === undefined) throw NoLeaseScopeError.forEntry(place, scope?.owner);
    else found.set(find, checked(place, find(context as never))); // whichever of the two it takes
  }
  return found;
}

function declared(place: string, find: KeyFunction, load: LoadTerms): string {
  const value = load.valueOf(find);
  if (value === undefined) throw UndeclaredKeyError.forEntry(place, load.place);
  return value;
}

function checked(place: string, found: unknown): string {
  if (typeof found === 'string' && found !== '') return found;
  throw noKeyFound(found, `@Cached().by of ${place}`);
}

function plain(place: string, value: unknown, index: number): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (value === null || ['number', 'boolean', 'undefined'].includes(typeof value)) return String(value);
  throw new InvalidOptionsError(
    `@Cached() of ${place}`,
    `can't make a key of argument ${index}, which is ${describeValue(value)}, not a plain value. ${NEEDS_KEY}`,
  );
}
