import type { ResourceTypeName } from '../../coordinator/resource-types.js';
import type { CachedResourceOptions } from '../../cache/cached-resource-options.js';
import type { CachedResourceFactory as CacheResourceFactory } from '../../cache/cached-resources.js';
import type { StartOptions } from '../../coordinator/starting/start-options.js';
import { checkTypeName } from './check-type-name.js';
import { declareFactory } from './declared-factory.js';

/** Makes, validates and ends the resources of one cached type: what a class decorated with `@CachedResourceFactory` implements. */
export interface CachedResourceFactory<T> extends CacheResourceFactory<T> {}

/**
 * Marks an injectable class as the factory of a cached resource type: one resource per key, kept and shared. Provide
 * it in any module; it is found when the application starts.
 *
 * @param options of the type's cache, and of its start
 * @throws InvalidOptionsError if `type` is not a name; anything else that is wrong is reported when the application starts
 */
export function CachedResourceFactory(
  type: ResourceTypeName,
  options?: CachedResourceOptions & StartOptions,
): ClassDecorator {
  checkTypeName(type, '@CachedResourceFactory', 'the name of a resource type', "'tenantDb'");
  return declareFactory({ source: 'cache', type, options });
}
