import { describeKey, describeName } from '../../words/describe-name.js';
import { UnavailableError } from '../resource-error.js';

/** All resources that a cache may hold are in use, and the most callers that may wait are waiting already. */
export class CacheFullError extends UnavailableError {
  /**
   * @param type the cache's name
   * @param maxWaiting the bound that was reached, a count
   */
  constructor(
    type: string,
    readonly key: string,
    readonly maxWaiting: number,
    owner?: string,
  ) {
    super(
      `Cache "${describeName(type)}" refused to load ${describeKey(key)}: all of its resources are in use, and ${maxWaiting} callers are waiting already. ` +
        `Ask again later, raise "max", or allow a longer queue with "lease.maxWaiting".`,
      { type, owner },
    );
  }
}
