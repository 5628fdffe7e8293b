import type { ArgumentsHost } from '@nestjs/common';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { describeValue } from '../../errors/describe-value.js';

/**
 * Which of a type's resources a request gets: a key, or a function that finds it in the request. At a handler parameter
 * the context is the `ExecutionContext`; elsewhere it has the request and the response, but neither class nor handler.
 */
export type ResourceKey = string | ((context: ArgumentsHost) => string);

/** @throws InvalidOptionsError when the function finds no key: no resource is shared by those who have none */
export function readKey(type: string, key: ResourceKey, context: ArgumentsHost): string {
  const found: unknown = typeof key === 'string' ? key : key(context);
  if (typeof found === 'string' && found !== '') return found;
  throw new InvalidOptionsError(
    `@CachedResource('${type}')`,
    `needs a key, a string that is not empty; its function found ${describeValue(found)}. ` +
      `Refuse requests without one before, in a guard or a middleware.`,
    type,
  );
}
