import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { enter } from './hand-over.js';
import type { HttpLeaseScope } from './http-lease-scope.js';
import { redefine } from './redefine.js';

/**
 * Closes the responses that wait for their turn on a connection when the connection dies. Before Node 24 nobody does, and
 * whoever waits for such a response waits forever. One listener per connection, however many requests are pipelined.
 */
export class PipelinedResponses {
  private readonly waiting = new WeakMap<Socket, Set<ServerResponse>>();

  /** Hardly any response waits: most are the only one of their connection. */
  watch({ socket }: IncomingMessage, response: ServerResponse, scope: HttpLeaseScope): void {
    if (response.socket !== null || typeof socket?.once !== 'function' || socket.destroyed) return;
    const responses = this.waiting.get(socket) ?? this.watchConnection(socket);
    responses.add(response);
    emitIn(scope, response);
    response.once('close', () => responses.delete(response));
  }

  /** A method of its own: a listener that was made beside one for a response would keep that response with the connection. */
  private watchConnection(socket: Socket): Set<ServerResponse> {
    const responses = new Set<ServerResponse>();
    this.waiting.set(socket, responses);
    socket.once('close', () => {
      for (const each of responses) close(each);
    });
    return responses;
  }
}

/** What wakes a response that waits for its turn is the end of the one before it, in whose context it would go on. */
function emitIn(scope: HttpLeaseScope, response: ServerResponse): void {
  redefine<(this: unknown, ...args: unknown[]) => unknown>(response, 'emit', (emit) => {
    return function (...args) {
      return enter(scope, () => emit.apply(this, args));
    };
  });
}

/** As newer Nodes do it, to the field by which they remember that it was. */
function close(response: ServerResponse & { _closed?: boolean }): void {
  if (response.closed || response.socket !== null) return;
  response.destroy();
  response._closed = true;
  response.emit('close');
}
