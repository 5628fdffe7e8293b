import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Closes the responses that wait for their turn on a connection when the connection dies. Before Node 24 nobody does, and
 * whoever waits for such a response waits for ever. One listener a connection, however many requests are pipelined.
 */
export class PipelinedResponses {
  private readonly waiting = new WeakMap<Socket, Set<ServerResponse>>();

  /** Hardly any response waits: most are the only one of their connection. */
  watch({ socket }: IncomingMessage, response: ServerResponse): void {
    if (response.socket !== null || typeof socket?.once !== 'function' || socket.destroyed) return;
    const known = this.waiting.get(socket);
    const responses = known ?? new Set();
    responses.add(response);
    response.once('close', () => responses.delete(response));
    if (known !== undefined) return;
    this.waiting.set(socket, responses);
    socket.once('close', closeAll(responses));
  }
}

/** A function of its own: one made beside `response` would keep that as long as the connection lives. */
function closeAll(responses: ReadonlySet<ServerResponse>): () => void {
  return () => {
    for (const each of responses) close(each);
  };
}

/** As newer Nodes do it, to the field by which they remember that it was. */
function close(response: ServerResponse & { _closed?: boolean }): void {
  if (response.closed || response.socket !== null) return;
  response.destroy();
  response._closed = true;
  response.emit('close');
}
