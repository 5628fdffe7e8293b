import { describeKey, describeName } from '../../words/describe-name.js';
import { UnavailableError } from '../resource-error.js';

/** The caller's `AbortSignal` fired before the cache could answer. The `cause` is the signal's reason. */
export class CacheAbortedError extends UnavailableError {
  /** @param type the cache's name */
  constructor(
    type: string,
    readonly key: string,
    reason: unknown,
    owner?: string,
  ) {
    super(
      `${describeName(owner ?? 'A caller')} gave up waiting for ${describeKey(key)} of cache "${describeName(type)}": its AbortSignal was aborted. ` +
        `Other callers waiting for this key are not affected.`,
      { type, owner, cause: reason },
    );
  }
}
