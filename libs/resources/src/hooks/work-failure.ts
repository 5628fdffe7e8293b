import { heed } from '../errors/warn-of.js';
import { isAnswer } from './final-failure.js';

/**
 * Says whether an error that work with a resource has thrown means that this is broken. It must be quick and not throw. Annotate
 * the resource with your type.
 */
export type IsFatal = (error: unknown, resource: never) => boolean;

/** A lease of a pool or of a cache, as far as its work's failure is concerned. */
export interface FailedLease {
  readonly ended: boolean;
  readonly resource: unknown;
  invalidate(cause?: unknown): Promise<void>;
}

/**
 * Work with a lease has thrown: gives the resource back broken if the user's classifier says that it is. The resource of a
 * classifier that throws is not trusted. An answer to a client, such as a 404, says nothing of the resource.
 *
 * @param failed hears what the classifier threw
 */
export function handleWorkFailure(
  lease: FailedLease,
  error: unknown,
  isFatal: IsFatal,
  failed: (cause: unknown) => void,
): void {
  if (lease.ended || isAnswer(error)) return;
  let fatal = true;
  try {
    const answer: unknown = isFatal(error, lease.resource as never); // its user knows its type
    if (heed(answer, failed)) throw new TypeError('isFatal must answer at once, and returned a promise');
    fatal = answer === true;
  } catch (failure) {
    failed(failure);
  }
  if (fatal) void lease.invalidate(error); // never rejects
}
