import type { CachedResourceOptions } from '../cache/cached-resource-options.js';
import type { CreateContext } from '../pool/factory/resource-factory.js';
import type { PoolOptions } from '../pool/pool-options.js';
import type {
  CachedResourceDefinition,
  InlineCachedResourceDefinition,
} from './cached-resource-definition.js';
import type { InlineResourceDefinition, ResourceDefinition } from './resource-definition.js';

/** The definition of a type that has one pool for all: there is no key to create for. */
export interface UnkeyedResourceDefinition<T> extends Omit<
  ResourceDefinition<NoInfer<T>>,
  'create' | 'pool'
> {
  create(context: Omit<CreateContext, 'key'>): T | PromiseLike<T>;
  pool?: PoolOptions & { keyed?: undefined };
}

/**
 * Gives a definition back, with its resource inferred: what `create` makes is what `destroy`, `validate` and `reset` take. Write `create`
 * first. Its options tell the kind: with `cache`, even an empty one, it is that of a cached resource, which is not reset; with
 * `pool.keyed`, that of a type with a pool for each key; otherwise that of a type with one pool, and no `key` to create for.
 */
export function defineResource<T>(
  definition: InlineCachedResourceDefinition<T, NoInfer<T>> & { cache: CachedResourceOptions },
): CachedResourceDefinition<T>;
export function defineResource<T>(definition: UnkeyedResourceDefinition<T>): ResourceDefinition<T>;
export function defineResource<T>(definition: InlineResourceDefinition<T, NoInfer<T>>): ResourceDefinition<T>;
export function defineResource(definition: object): object {
  return definition;
}
