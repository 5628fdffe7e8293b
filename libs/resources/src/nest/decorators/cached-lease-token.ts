import type { ArgumentsHost } from '@nestjs/common';

/**
 * Which of a type's resources a request gets: a key, or a function that finds it in the request. At a handler parameter
 * the context is the `ExecutionContext`; elsewhere it has the request and the response, but neither class nor handler.
 */
export type ResourceKey = string | ((context: ArgumentsHost) => string);

/** Key functions by number, because a token is a string: Nest prints it when it can't be resolved. */
const numbers = new Map<ResourceKey, number>();

/** The injection token of the scoped lease of a cached resource. The same key function, the same token. */
export function getCachedLeaseToken(type: string, key: ResourceKey): string {
  if (typeof key === 'string') return `RESOURCES:CACHED:${type}:${key}`;
  const number = numbers.get(key) ?? numbers.size + 1;
  numbers.set(key, number);
  return `RESOURCES:CACHED:${type}#${number}`;
}
