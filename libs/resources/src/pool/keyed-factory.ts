import type { ResourceFactory } from './resource-factory.js';

/** A factory's side for one key: `create` learns the key, all else is the same. */
export function factoryOfKey<T>(factory: ResourceFactory<T>, key: string): ResourceFactory<T> {
  return {
    create: (context) => factory.create({ ...context, key }),
    destroy: factory.destroy?.bind(factory),
    validate: factory.validate?.bind(factory),
    reset: factory.reset?.bind(factory),
  };
}
