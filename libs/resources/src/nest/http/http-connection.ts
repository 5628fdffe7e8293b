import type { Socket } from 'node:net';
import type { ServerResponse } from 'node:http';
import type { HttpLeaseScope } from './http-lease-scope.js';

/**
 * One client connection, with one `close` listener however many requests it carries.
 *
 * It exists for two things that a response cannot tell: before Node 24 a pipelined response whose
 * connection dies before its turn never emits `close`; and a shutdown must ask the responses in
 * progress to hang up, without a set that every request enters and leaves.
 */
export class HttpConnection {
  /** The newest response; earlier ones of a pipeline are over before it. */
  latest: ServerResponse | undefined;
  /** Those that have borrowed: hardly ever more than one. */
  private readonly scopes: HttpLeaseScope[] = [];
  closed = false;

  constructor(
    readonly socket: Socket,
    gone: (connection: HttpConnection) => void,
  ) {
    socket.once('close', () => {
      this.closed = true;
      gone(this);
      for (const scope of this.scopes.toReversed()) scope.closed(); // each may leave the list
    });
  }

  /** Tells a scope when the connection closes, until {@link forget}. */
  tell(scope: HttpLeaseScope): void {
    this.scopes.push(scope);
  }

  forget(scope: HttpLeaseScope): void {
    const last = this.scopes.pop();
    if (last !== undefined && last !== scope) this.scopes[this.scopes.indexOf(scope)] = last;
  }

  /** The response in progress, if there is one. */
  get unfinished(): ServerResponse | undefined {
    const { latest } = this;
    return latest === undefined || latest.writableFinished || latest.destroyed ? undefined : latest;
  }

  /** Resolves when the response in progress is done or gone. */
  answered(): Promise<void> {
    return new Promise((resolve) => {
      this.socket.once('close', () => resolve());
      this.latest?.once('close', () => resolve());
    });
  }
}
