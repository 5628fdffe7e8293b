import type { KeyOf } from '../coordinator/lease-key.js';

const serials = new WeakMap<KeyOf, number>();
let lastSerial = 0;

/**
 * The injection token of the scoped lease of a resource type. Nest prints it when it can't be resolved.
 *
 * @param key the function given to `@PooledResource`, if one was: each has a token of its own
 */
export function getLeaseToken(type: string, key?: KeyOf): string {
  if (key === undefined) return `RESOURCES:LEASE:${type}`;
  const serial = serials.get(key) ?? ++lastSerial;
  serials.set(key, serial);
  return `RESOURCES:LEASE:${type}:KEY:${serial}`;
}
