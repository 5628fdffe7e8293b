import { describeCause } from '../words/describe-cause.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { describeValue } from '../words/describe-value.js';

/**
 * Checks the methods of a factory, which is the same kind of object for a pool and for a cache.
 *
 * @param option where it came from, for the error: `resources.pg`
 * @param optional those that it may have besides `create`
 * @throws InvalidOptionsError when it cannot work
 */
export function checkFactoryMethods(
  factory: unknown,
  option: string,
  type: string,
  optional: readonly string[],
): void {
  const fail = (at: string, problem: string): never => {
    throw new InvalidOptionsError(at, problem, type);
  };
  if (typeof factory !== 'object' || factory === null) {
    return fail(option, `must be a factory with a "create" method; ${describeOther(factory)}`);
  }
  const methodOf = (name: string): unknown => {
    try {
      return (factory as Record<string, unknown>)[name];
    } catch (error) {
      return fail(`${option}.${name}`, `can't be read: ${describeCause(error)}.`);
    }
  };
  const create = methodOf('create');
  if (typeof create !== 'function')
    fail(`${option}.create`, `must be a function that makes a resource; got ${describeValue(create)}.`);
  for (const name of optional) {
    const method = methodOf(name);
    if (method !== undefined && typeof method !== 'function')
      fail(`${option}.${name}`, `must be a function when given; got ${describeValue(method)}.`);
  }
  // In other libraries this is its name; nothing would ever be closed, and nobody would be told.
  if (methodOf('destroy') === undefined && typeof methodOf('dispose') === 'function')
    fail(`${option}.dispose`, 'is never called; what ends the life of a resource is called "destroy".');
}

/** What was given in place of a factory, and what to make of it. */
function describeOther(given: unknown): string {
  if (typeof given !== 'function') return `got ${describeValue(given)}.`;
  return /^class\b/.test(Function.prototype.toString.call(given))
    ? 'got a class. Give it an instance, or decorate the class with @ResourceFactory() or @CachedResourceFactory() and provide it.'
    : 'got a function. Write { create: thatFunction }.';
}
