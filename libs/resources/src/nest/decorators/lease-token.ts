import type { LeaseTerms } from '../../scopes/lease-terms.js';
import type { ResourceKey } from './resource-key.js';

/** Terms and key functions by number, because a token is a string: Nest prints it when it can't be resolved. */
const serials = new WeakMap<object, number>();
let lastSerial = 0;

/**
 * The injection token of the scoped lease of a resource type. Nest prints it when it can't be resolved.
 *
 * @param terms the options given to `@PooledResource`, if any were: each such object has a token of its own
 */
export function getLeaseToken(type: string, terms?: LeaseTerms): string {
  return terms === undefined ? `RESOURCES:LEASE:${type}` : `RESOURCES:LEASE:${type}:${serialOf(terms)}`;
}

/** The injection token of the scoped lease of a cached resource. Equal types with the same key function have the same token. */
export function getCachedLeaseToken(type: string, key: ResourceKey): string {
  return typeof key === 'string'
    ? `RESOURCES:CACHED:${type}:${key}`
    : `RESOURCES:CACHED:${type}#${serialOf(key)}`;
}

function serialOf(identity: object): number {
  const serial = serials.get(identity) ?? ++lastSerial;
  serials.set(identity, serial);
  return serial;
}
