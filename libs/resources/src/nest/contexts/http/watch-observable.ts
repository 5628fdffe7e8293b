import { Observable } from 'rxjs';
import { enter } from './hand-over.js';
import type { HttpLeaseScope } from './http-lease-scope.js';

/**
 * Wraps an Observable so that the scope stays open until it has completed or failed. One that is unsubscribed before that may go
 * on: what it works on can't be seen, and the scope is told so.
 */
export function watchObservable<T>(scope: HttpLeaseScope, source: Observable<T>): Observable<T> {
  return new Observable<T>((subscriber) => {
    let completed = false;
    scope.workBegan();
    const subscription = enter(scope, () =>
      source.subscribe({
        next: (value) => enter(scope, () => subscriber.next(value)),
        error: (error: unknown) => {
          completed = true;
          enter(scope, () => subscriber.error(error));
        },
        complete: () => {
          completed = true;
          enter(scope, () => subscriber.complete());
        },
      }),
    );
    // Called once, whatever ends it.
    return () => {
      subscription.unsubscribe();
      if (!completed) scope.gaveUpUnseen();
      scope.workSettled();
    };
  });
}
