import { Observable, type Observer, type Operator, Subscriber, type Subscription } from 'rxjs';
import { tell, warnOf } from '../words/warn-of.js';

type Next<T> = (value: T) => void;

/**
 * An Observable whose subscribers harm nobody. It exists because rxjs throws what a subscriber has thrown, and an error that
 * nobody handles, a turn later where nobody can catch it: a listener's mistake would end the process. Here it becomes a
 * process warning, also for what is made by `pipe()`.
 */
export class SafeObservable<T> extends Observable<T> {
  override lift<R>(operator?: Operator<T, R>): Observable<R> {
    const lifted = new SafeObservable<R>();
    // What Observable.lift does; there is no other way to say it.
    lifted.source = this;
    lifted.operator = operator;
    return lifted;
  }

  override subscribe(
    observer?: Partial<Observer<T>> | Next<T> | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    if (observer instanceof Subscriber) return super.subscribe(observer); // an operator's, or one that handles its errors
    const given: Partial<Observer<T>> =
      typeof observer === 'function' || observer === null || observer === undefined
        ? { next: observer ?? undefined, error: error ?? undefined, complete: complete ?? undefined }
        : observer;
    return super.subscribe({
      next: (value) => tell(() => given.next?.(value)),
      error: (failure: unknown) =>
        given.error === undefined ? warnOf(failure) : tell(() => given.error?.(failure)),
      complete: () => tell(() => given.complete?.()),
    });
  }
}
