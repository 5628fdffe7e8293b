import type { ResourceFactory } from '../factory/resource-factory.js';

/** A factory's side for one key: `create` learns the key, all else is the same. @param handle as `handleOf` makes it */
export function factoryOfKey<T>(handle: ResourceFactory<T>, key: string): ResourceFactory<T> {
  return { ...handle, create: (context) => handle.create({ ...context, key }) };
}
