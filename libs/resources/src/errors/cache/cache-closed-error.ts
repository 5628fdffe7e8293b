import { describeKey, describeName } from '../../words/describe-name.js';
import { UnavailableError } from '../resource-error.js';

/** The cache is closed and no longer lends. */
export class CacheClosedError extends UnavailableError {
  /** @param type the cache's name */
  constructor(
    type: string,
    readonly key?: string,
    owner?: string,
  ) {
    super(
      `Cache "${describeName(type)}" is shut down and no longer lends${key === undefined ? '' : ` ${describeKey(key)}`}. ` +
        `Take leases before the shutdown begins, or ask another instance.`,
      { type, owner },
    );
  }
}
