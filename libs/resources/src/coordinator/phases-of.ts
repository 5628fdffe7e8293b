import type { Observable } from 'rxjs';
import type { Lifecycle } from '../lifecycle/lifecycle.js';
import type { LifecycleEvent } from '../reports/phase.js';
import { SafeObservable } from './safe-observable.js';

/** The phases of a coordinator and its types as they are entered, the present ones first. */
export function phasesOf(lifecycle: Lifecycle): Observable<LifecycleEvent> {
  return new SafeObservable((subscriber) =>
    lifecycle.follow((event) => {
      subscriber.next(event);
      if (event.type === undefined && event.phase === 'stopped') subscriber.complete();
    }),
  );
}
