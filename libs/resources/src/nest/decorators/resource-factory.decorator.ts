import type { ResourceTypeName } from '../../coordinator/resource-types.js';
import type { StartOptions } from '../../coordinator/starting/start-options.js';
import type { PoolOptions } from '../../pool/pool-options.js';
import type { ResourceFactory as PoolResourceFactory } from '../../pool/factory/resource-factory.js';
import { checkTypeName } from './check-type-name.js';
import { declareFactory } from './declared-factory.js';

/** Makes the resources of one type, and destroys them: what a class decorated with `@ResourceFactory` implements. */
export interface ResourceFactory<T> extends PoolResourceFactory<T> {}

/**
 * Marks an injectable class as the factory of a resource type. Provide it in any module; it is found
 * when the application starts.
 *
 * @param options of the type's pool, and of its start
 * @throws InvalidOptionsError if `type` is not a name; anything else that is wrong is reported when the application starts
 */
export function ResourceFactory(
  type: ResourceTypeName,
  options: PoolOptions & StartOptions = {},
): ClassDecorator {
  checkTypeName(type, '@ResourceFactory', 'the name of a resource type', "'sftp'");
  return declareFactory({ source: 'pool', type, options });
}
