import type { LeaseTerms } from '../../scopes/lease-terms.js';

const serials = new WeakMap<LeaseTerms, number>();
let lastSerial = 0;

/**
 * The injection token of the scoped lease of a resource type. Nest prints it when it can't be resolved.
 *
 * @param terms the options given to `@PooledResource`, if any were: each such object has a token of its own
 */
export function getLeaseToken(type: string, terms?: LeaseTerms): string {
  if (terms === undefined) return `RESOURCES:LEASE:${type}`;
  const serial = serials.get(terms) ?? ++lastSerial;
  serials.set(terms, serial);
  return `RESOURCES:LEASE:${type}:${serial}`;
}
