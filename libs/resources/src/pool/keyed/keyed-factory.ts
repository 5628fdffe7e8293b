import type { ResourceFactory } from '../factory/resource-factory.js';

/** A factory as the pool of one key sees it: `create` learns the key, nothing else changes. @param handle as `handleOf` makes it */
export function factoryOfKey<T>(handle: ResourceFactory<T>, key: string): ResourceFactory<T> {
  return { ...handle, create: (context) => handle.create({ ...context, key }) };
}
