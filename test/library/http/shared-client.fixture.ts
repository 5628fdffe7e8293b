import { AsyncResource } from 'node:async_hooks';
import { bindCallback, type Observable } from 'rxjs';

/**
 * A client that requests share, as those of databases and session stores: it is made by the first who needs it, and all its
 * callbacks run in the asynchronous context of its connection, which is the first one's.
 */
export class SharedClient {
  private connection: AsyncResource | undefined;

  /** Calls back later, in whatever context. */
  readonly ask = (callback: () => void): void => {
    this.connection ??= new AsyncResource('connection');
    const { connection } = this;
    setImmediate(() => connection.runInAsyncScope(callback));
  };

  readonly answers = (): Observable<unknown> => bindCallback(this.ask)();
}
