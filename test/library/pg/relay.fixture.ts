import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Stands before a server. What is handed on between a client and the server, and when either is cut off, says who makes it. */
export class Relay {
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    /** The server's URL, through here. */
    readonly url: string,
  ) {}

  /**
   * @param target URL of the server
   * @param hand is called with each client and its own connection to the server; the end of one is the other's
   */
  static async before(target: string, hand: (client: Socket, upstream: Socket) => void): Promise<Relay> {
    const { hostname, port } = new URL(target);
    const server = createServer((client) => {
      const upstream = connect(Number(port), hostname);
      relay.join(client, upstream);
      hand(client, upstream);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = new URL(target);
    url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const relay = new Relay(server, url.href);
    return relay;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(client: Socket, upstream: Socket): void {
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.once('end', () => other.end());
      socket.once('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
  }
}
