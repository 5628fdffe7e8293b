import { describeKey, describeName } from './describe-name.js';
import { ResourceError } from './resource-error.js';

/** The cache is closed and lends no more. */
export class CacheClosedError extends ResourceError {
  /** @param type the cache's name */
  constructor(
    type: string,
    readonly key?: string,
    owner?: string,
  ) {
    super(
      `Cache "${describeName(type)}" is shut down and lends ${key === undefined ? 'nothing more' : `${describeKey(key)} no more`}. ` +
        `Take leases before the shutdown begins, or ask another instance.`,
      { type, owner },
    );
  }
}
