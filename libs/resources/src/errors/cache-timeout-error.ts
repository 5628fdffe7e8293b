import { describeKey } from './describe-key.js';
import { describeName } from './describe-name.js';
import { ResourceError } from './resource-error.js';

/** What somebody waited for in vain: the load itself, or room among resources that are all in use. */
export type CacheWait = 'load' | 'room';

/** A load did not settle in its time, or there was no room for a resource before the caller's deadline. */
export class CacheTimeoutError extends ResourceError {
  /**
   * @param type the cache's name
   * @param timeout milliseconds waited
   */
  constructor(
    type: string,
    readonly key: string,
    readonly timeout: number,
    readonly waitedFor: CacheWait,
    owner?: string,
  ) {
    super(
      waitedFor === 'load'
        ? `The load of ${describeKey(key)} in cache "${describeName(type)}" did not settle within ${timeout} ms. ` +
            `Check what it connects to, let it stop at its signal, or allow it more time with "load.timeout".`
        : `There was no room for ${describeKey(key)} in cache "${describeName(type)}" within ${timeout} ms: as many resources as may be are in use. ` +
            `Hold leases for shorter, raise "max", or raise "lease.timeout".`,
      { type, owner },
    );
  }
}
