import { describeName } from '../words/describe-name.js';
import { ResourceError } from './resource-error.js';

/** A lease, or a handle on a scope's lease, was used after its end. */
export class LeaseReleasedError extends ResourceError {
  constructor(type: string, owner: string) {
    super(
      `The lease on "${describeName(type)}" of ${describeName(owner)} was used after its end. ` +
        `Take the resource from the lease each time instead of keeping it, and wrap work that outlives the request in use().`,
      { type, owner },
    );
  }
}
