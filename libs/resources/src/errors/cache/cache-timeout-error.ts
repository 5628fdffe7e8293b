import { describeKey, describeName } from '../../words/describe-name.js';
import { UnavailableError } from '../resource-error.js';

/** What a caller waited for in vain: the load itself, room among resources that are all in use, or a resource's proof that it works. */
export type CacheWait = 'load' | 'room' | 'validation';

/** A load or a validation did not settle in its time, or there was no room for a resource before the caller's deadline. */
export class CacheTimeoutError extends UnavailableError {
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
    super(WORDS[waitedFor](describeKey(key), describeName(type), timeout), { type, owner });
  }
}

const WORDS: Record<CacheWait, (key: string, type: string, timeout: number) => string> = {
  load: (key, type, timeout) =>
    `The load of ${key} in cache "${type}" did not settle within ${timeout} ms. ` +
    `Check what it connects to, let it stop at its signal, or allow it more time with "load.timeout".`,
  room: (key, type, timeout) =>
    `There was no room for ${key} in cache "${type}" within ${timeout} ms: all resources that it may hold are in use. ` +
    `Release leases sooner, raise "max", or raise "lease.timeout".`,
  validation: (key, type, timeout) =>
    `The validation of ${key} in cache "${type}" did not settle within ${timeout} ms. ` +
    `Check what "validate" asks, lower "validation.timeout" so that there is time for another resource, or raise "lease.timeout".`,
};
