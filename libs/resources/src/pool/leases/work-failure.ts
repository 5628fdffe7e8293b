import { heed } from '../../errors/warn-of.js';
import type { Lease } from './lease.js';
import type { ValidationOptions } from '../upkeep/validation-options.js';

/**
 * Work with a lease has thrown: gives the resource back broken if the user's classifier says that it is. The resource of a
 * classifier that throws is not trusted.
 *
 * @param failed hears what the classifier threw
 */
export function handleWorkFailure(
  lease: Lease<unknown>,
  error: unknown,
  isFatal: NonNullable<ValidationOptions['isFatal']>,
  failed: (cause: unknown) => void,
): void {
  if (lease.ended) return;
  let fatal = true;
  try {
    const answer: unknown = isFatal(error, lease.resource as never); // the pool's user knows its type
    if (heed(answer, failed)) throw new TypeError('isFatal must answer at once, and returned a promise');
    fatal = answer === true;
  } catch (failure) {
    failed(failure);
  }
  if (fatal) void lease.invalidate(error); // never rejects
}
