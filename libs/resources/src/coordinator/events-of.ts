import type { Observable } from 'rxjs';
import type { CoordinatorEvent } from '../reports/coordinator-event.js';
import { SafeObservable } from './safe-observable.js';

/** What can be listened to. */
interface Source {
  observe(listener: (event: CoordinatorEvent) => void): () => void;
}

/** The events of several sources as one. While nobody subscribes, nobody listens. */
export function eventsOf(...sources: readonly Source[]): Observable<CoordinatorEvent> {
  return new SafeObservable((subscriber) => {
    const stop = sources.map((source) => source.observe((event) => subscriber.next(event)));
    return () => stop.forEach((end) => end());
  });
}
