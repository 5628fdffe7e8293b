import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Stands before a server, counts what clients send, and cuts connections. */
export class CountingProxy {
  /** Bytes that clients have sent. */
  sent = 0;
  /** Connections that were made. */
  connections = 0;
  /** How often the server has answered, and then a client has sent something again. */
  turns = 0;
  private isAnswered = true;
  private left = Infinity;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /** @param target URL of the server */
  static async before(target: string): Promise<CountingProxy> {
    const { hostname, port } = new URL(target);
    const server = createServer((client) => proxy.pass(client, connect(Number(port), hostname)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = new URL(target);
    url.port = String((server.address() as AddressInfo).port);
    const proxy = new CountingProxy(server, url.href);
    return proxy;
  }

  /** Cuts the connection on which so many bytes have come from either side. @returns tells whether it did */
  cutAfter(bytes: number): () => boolean {
    this.left = bytes;
    return () => this.left <= 0;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private hand(chunk: Buffer, from: Socket, to: Socket): void {
    to.write(chunk.subarray(0, this.left));
    this.left -= chunk.length;
    if (this.left <= 0) setImmediate(() => from.destroy());
  }

  private pass(client: Socket, upstream: Socket): void {
    this.connections++;
    for (const socket of [client, upstream]) {
      this.sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.once('close', () => this.sockets.delete(socket));
    }
    client.on('data', (chunk: Buffer) => {
      this.sent += chunk.length;
      if (this.isAnswered) this.turns++;
      this.isAnswered = false;
      this.hand(chunk, client, upstream);
    });
    upstream.on('data', (chunk: Buffer) => {
      this.isAnswered = true;
      this.hand(chunk, upstream, client);
    });
    client.once('end', () => upstream.end());
    upstream.once('end', () => client.end());
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroy());
  }
}
