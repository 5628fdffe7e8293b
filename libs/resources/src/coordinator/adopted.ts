import { LeaseReleasedError } from '../errors/lease-released-error.js';
import type { Lease } from '../pool/lease.js';
import type { LeaseScope } from './lease-scope.js';

/**
 * Makes a lease end with its scope, if it has one.
 *
 * @throws LeaseReleasedError when the scope has ended meanwhile; then the lease is given back
 */
export function adopted<L extends Lease<unknown>>(scope: LeaseScope | undefined, type: string, lease: L): L {
  if (scope === undefined) return lease;
  if (!scope.open) {
    void lease.release(); // never rejects, and nobody waits for a reset
    throw new LeaseReleasedError(type, scope.owner);
  }
  scope.adopt(lease);
  return lease;
}
