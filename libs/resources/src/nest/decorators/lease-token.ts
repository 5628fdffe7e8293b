import type { ResourceTypeName } from '../../coordinator/resource-types.js';
import type { LeaseTerms } from '../../scopes/lease-terms.js';
import { checkTypeName } from './check-type-name.js';
import { checkResourceKey, type ResourceKey } from './resource-key.js';

/** Terms and key functions by number, because a token is a string: Nest prints it when it can't be resolved. */
const serials = new WeakMap<object, number>();
let lastSerial = 0;

/**
 * The injection token of the scoped lease of a resource type. Nest prints it when it can't be resolved.
 *
 * @param terms the options given to `@PooledResource`, if any were: each such object has a token of its own
 * @throws InvalidOptionsError if `type` is not a name
 */
export function getLeaseToken(type: ResourceTypeName, terms?: LeaseTerms): string {
  if (typeof type !== 'string') checkTypeName(type, 'getLeaseToken', 'the name of a resource type', "'pg'");
  const named = `RESOURCES:LEASE:${partOf(type)}`;
  return terms === undefined ? named : `${named}#${serialOf(terms)}`;
}

/**
 * The injection token of the scoped lease of a cached resource. Equal types with the same key function have the same token.
 *
 * @throws InvalidOptionsError if `type` is not a name, or `key` is neither a key nor a function
 */
export function getCachedLeaseToken(type: ResourceTypeName, key: ResourceKey): string {
  if (typeof type !== 'string')
    checkTypeName(type, 'getCachedLeaseToken', 'the name of a cached resource type', "'tenantDb', tenantOf");
  if (typeof key !== 'string') checkResourceKey(key, 'getCachedLeaseToken', type);
  const named = `RESOURCES:CACHED:${partOf(type)}`;
  return typeof key === 'string' ? `${named}:${partOf(key)}` : `${named}#${serialOf(key)}`;
}

/** Such that no two lists of parts make the same token: a name with a mark in it stands in quotation marks. */
function partOf(name: string): string {
  return /[:#"]/.test(name) ? JSON.stringify(name) : name;
}

function serialOf(identity: object): number {
  const serial = serials.get(identity) ?? ++lastSerial;
  serials.set(identity, serial);
  return serial;
}
