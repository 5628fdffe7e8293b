import type { Socket } from 'node:net';
import { Relay } from './relay.fixture.js';

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
  private relay!: Relay;

  /** @param target URL of the server */
  static async before(target: string): Promise<CountingProxy> {
    const proxy = new CountingProxy();
    proxy.relay = await Relay.before(target, (client, upstream) => proxy.pass(client, upstream));
    return proxy;
  }

  get url(): string {
    return this.relay.url;
  }

  /** Cuts the connection on which so many bytes have come from either side. @returns tells whether it did */
  cutAfter(bytes: number): () => boolean {
    this.left = bytes;
    return () => this.left <= 0;
  }

  close(): Promise<void> {
    return this.relay.close();
  }

  private hand(chunk: Buffer, from: Socket, to: Socket): void {
    to.write(chunk.subarray(0, this.left));
    this.left -= chunk.length;
    if (this.left <= 0) setImmediate(() => from.destroy());
  }

  private pass(client: Socket, upstream: Socket): void {
    this.connections++;
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
  }
}
