import { describeName } from '../words/describe-name.js';
import { ResourceError } from './resource-error.js';

/**
 * A load of the cache asked for what depends on a caller's request, and its entry does not say that it does. Whoever
 * asks next would get what belongs to somebody else.
 */
export class UndeclaredKeyError extends ResourceError {
  private constructor(
    message: string,
    type: string | undefined,
    /** The entry that is being loaded, such as `Prices.price`. */
    readonly entry: string,
  ) {
    super(message, { type, owner: `${entry} (load)` });
  }

  /** A scoped lease of a type with `keyed` was to find its key. */
  static forPooled(type: string, entry: string): UndeclaredKeyError {
    return new UndeclaredKeyError(
      `${describe(entry)} borrows "${describeName(type)}" by a key of the caller's request. ` +
        remedy(`coordinator.acquire("${describeName(type)}", { key })`),
      type,
      entry,
    );
  }

  /** A scoped lease of a cached resource was to find its key. */
  static forCached(type: string, entry: string): UndeclaredKeyError {
    return new UndeclaredKeyError(
      `${describe(entry)} leases "${describeName(type)}" by a key of the caller's request. ` +
        remedy(`coordinator.acquireCached("${describeName(type)}", key)`),
      type,
      entry,
    );
  }

  /** An entry that depends on the request was asked for. @param inner such as `Prices.price` */
  static forEntry(inner: string, entry: string): UndeclaredKeyError {
    return new UndeclaredKeyError(
      `${describe(entry)} asks for ${describeName(inner)}, which depends on the caller's request. ` +
        `Declare it at the entry, too: @Cached({ by: keyFunction }), with the key function of ${describeName(inner)}.`,
      undefined,
      entry,
    );
  }
}

function describe(entry: string): string {
  return `The load of ${describeName(entry)} serves every caller, and`;
}

function remedy(call: string): string {
  return `Declare it at the entry: @Cached({ by: keyFunction }), with the same function; or give the key yourself: ${call}.`;
}
