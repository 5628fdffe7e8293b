import type { ArgumentsHost } from '@nestjs/common';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { describeValue } from '../../words/describe-value.js';

/**
 * Which of a type's resources a request gets: a key, or a function that finds it in the request. On a handler parameter,
 * the context is the `ExecutionContext`; elsewhere it has the request and the response, but neither class nor handler.
 */
export type ResourceKey = string | ((context: ArgumentsHost) => string);

/** @param caller such as `@CachedResource` @throws InvalidOptionsError if it is neither a key nor a function */
export function checkResourceKey(key: unknown, caller: string, type: string): void {
  if (typeof key === 'function' || (typeof key === 'string' && key !== '')) return;
  throw new InvalidOptionsError(
    `${caller}('${type}')`,
    `needs a key, or a function that finds it in the request; got ${describeValue(key)}.`,
    type,
  );
}

/** @throws InvalidOptionsError when the function finds no key: requests without a key do not share a resource */
export function readKey(type: string, key: ResourceKey, context: ArgumentsHost): string {
  const found: unknown = typeof key === 'string' ? key : key(context);
  if (typeof found === 'string' && found !== '') return found;
  throw noKeyFound(found, `key function of @CachedResource('${type}')`, type);
}

/**
 * A key function has found no key in a request.
 *
 * @param found what it returned instead
 * @param which function, such as `@Cached().by of Prices.price`
 */
export function noKeyFound(found: unknown, which: string, type?: string): InvalidOptionsError {
  return new InvalidOptionsError(
    which,
    `must return a non-empty string; it returned ${describeValue(found)}. ` +
      `Reject requests without one earlier, in a guard or a middleware.`,
    type,
  );
}
