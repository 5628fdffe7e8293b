import type { Socket } from 'node:net';
import type { Client } from 'pg';
import { Relay } from '../relay.fixture.js';

/** Where the connection is lost: the server never hears `COMMIT`; or it has committed, and nobody hears of it. */
export type Loss = 'before' | 'after';

/** What answers a `COMMIT`: a tag, or an error. */
const ANSWERED = /COMMIT\0|ROLLBACK\0|SERROR\0/;

/** Stands before a server, and cuts connections off at their `COMMIT`. */
export class CuttingProxy {
  /** By the client's own port: what is to be cut. */
  private readonly armed = new Map<number, Loss>();
  /** By the client's own port: what was. */
  readonly cut = new Map<number, Loss>();
  private relay!: Relay;

  /** @param target URL of the server */
  static async before(target: string): Promise<CuttingProxy> {
    const proxy = new CuttingProxy();
    proxy.relay = await Relay.before(target, (client, upstream) => proxy.pass(client, upstream));
    return proxy;
  }

  get url(): string {
    return this.relay.url;
  }

  /** @param port the client's own, of the connection whose next `COMMIT` is the last */
  arm(port: number, loss: Loss): void {
    this.armed.set(port, loss);
  }

  /** Cuts nothing off any more that was asked for until now. */
  forget(): void {
    this.armed.clear();
    this.cut.clear();
  }

  close(): Promise<void> {
    return this.relay.close();
  }

  private pass(client: Socket, upstream: Socket): void {
    const port = client.remotePort ?? 0;
    const end = (loss: Loss): void => {
      this.cut.set(port, loss);
      client.destroy();
      upstream.destroy();
    };
    /** After a `COMMIT` that was let through, what the server says to it; nobody else hears it. */
    let answer: string | undefined;
    client.on('data', (chunk) => {
      const loss = this.armed.get(port);
      if (loss !== undefined && answer === undefined && chunk.includes('COMMIT')) {
        this.armed.delete(port);
        if (loss === 'before') {
          end(loss);
          return;
        }
        answer = '';
      }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (answer === undefined) {
        client.write(chunk);
        return;
      }
      answer += chunk.toString('latin1');
      if (ANSWERED.test(answer)) end('after');
    });
    client.once('close', () => this.armed.delete(port));
  }
}

/** The client's own port. */
export function portOf(client: Client): number {
  return (client.connection.stream as { localPort?: number }).localPort ?? 0;
}
