import { Observable } from 'rxjs';
import { enter } from './hand-over.js';
import type { HttpLeaseScope } from './http-lease-scope.js';

/** Hears of an Observable's life between a subscription and its end. */
export interface ObservableListener {
  began?(): void;
  failed?(error: unknown): void;
  /**
   * Called once, whatever ends it.
   *
   * @param completed whether it has completed or failed by itself; otherwise it was unsubscribed, and may go on
   * @param answered whether it had a value
   */
  ended(completed: boolean, answered: boolean): void;
}

/** Passes an Observable on within the scope, from whatever context it calls back. */
export function passOn<T>(
  scope: HttpLeaseScope,
  source: Observable<T>,
  listener: ObservableListener,
): Observable<T> {
  return new Observable<T>((subscriber) => {
    let completed = false;
    let answered = false;
    listener.began?.();
    const subscription = enter(scope, () =>
      source.subscribe({
        next: (value) => {
          answered = true;
          enter(scope, () => subscriber.next(value));
        },
        error: (error: unknown) => {
          completed = true;
          listener.failed?.(error);
          enter(scope, () => subscriber.error(error));
        },
        complete: () => {
          completed = true;
          enter(scope, () => subscriber.complete());
        },
      }),
    );
    return () => {
      subscription.unsubscribe();
      listener.ended(completed, answered);
    };
  });
}

/**
 * Wraps an Observable so that the scope stays open until it has completed or failed. One that is unsubscribed before that may go
 * on: what it works on can't be seen, and the scope is told so.
 */
export function watchObservable<T>(scope: HttpLeaseScope, source: Observable<T>): Observable<T> {
  return passOn(scope, source, {
    began: () => scope.workBegan(),
    failed: (error) => scope.workFailed(error),
    ended: (completed) => {
      if (!completed) scope.gaveUpUnseen();
      scope.workSettled();
    },
  });
}
