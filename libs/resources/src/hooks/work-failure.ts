import { answersLater } from './answers-later.js';
import { isAnswer } from './final-failure.js';

/**
 * Says whether an error that work with a resource has thrown means that the resource is broken. It must be quick and not throw. Annotate
 * the resource with your type.
 */
export type IsFatal = (error: unknown, resource: never) => boolean;

/** A lease of a pool or of a cache, as far as its work's failure is concerned. */
export interface FailedLease {
  readonly ended: boolean;
  readonly resource: unknown;
  invalidate(cause?: unknown): Promise<void>;
}

/** Hears what came of a failure that was judged. */
export interface WorkFailureListener {
  /** The error was fatal for the resource. */
  workFailed(error: unknown): void;
  /** The classifier itself has thrown. */
  isFatalFailed(cause: unknown): void;
}

/**
 * Work with a lease has thrown: gives the resource back broken if the user's classifier says that it is. The resource of a
 * classifier that throws is not trusted. An answer to a client, such as a 404, says nothing of the resource.
 */
export function handleWorkFailure(
  lease: FailedLease,
  error: unknown,
  isFatal: IsFatal,
  listener: WorkFailureListener,
): void {
  if (lease.ended || isAnswer(error)) return;
  try {
    const answer: unknown = isFatal(error, lease.resource as never); // its user knows its type
    if (answersLater(answer, (reason) => listener.isFatalFailed(reason)))
      throw new TypeError('isFatal must answer at once, and returned a promise');
    if (answer !== true) return;
    listener.workFailed(error);
  } catch (failure) {
    listener.isFatalFailed(failure);
  }
  void lease.invalidate(error); // never rejects
}
