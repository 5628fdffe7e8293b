import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { CERTIFICATE, KEY } from './certificate.fixture.js';

const CANCEL = 80877102;
const SSL = 80877103;

/** What becomes of a connection that cancels: it is passed on, held until it is let go, or closed as by a server that does not know the session. */
export type CancelFate = 'passed' | 'held' | 'elsewhere';

/** Stands before a server, tells apart the connections that cancel, and decides what becomes of them. */
export class CancelProxy {
  fate: CancelFate = 'passed';
  /** Milliseconds after which the next one is passed on. */
  delay: () => number = () => 0;
  /** Connections that have cancelled. */
  cancels = 0;
  private held: (() => void)[] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
    private readonly path: string | undefined,
  ) {}

  /** @param target URL of the server @param path of a Unix socket, instead of a port */
  static async before(target: string, path?: string): Promise<CancelProxy> {
    const server = createServer({ allowHalfOpen: false }, (client) => void proxy.accept(client));
    const proxy = new CancelProxy(server, new URL(target), path);
    if (path === undefined) server.listen(0, '127.0.0.1');
    else server.listen(path);
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The server's URL, through here. */
  url(hostname = '127.0.0.1'): string {
    const url = new URL(this.target);
    url.hostname = hostname;
    url.port = String(this.port);
    return url.href;
  }

  /** Passes on what is held. */
  letGo(): void {
    for (const pass of this.held.splice(0)) pass();
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
    if (this.path !== undefined) await rm(this.path, { force: true });
  }

  private async accept(raw: Socket): Promise<void> {
    this.keep(raw);
    let client: Duplex = raw;
    let first = await firstOf(client);
    if (first?.readInt32BE(4) === SSL) {
      raw.write('S');
      client = new TLSSocket(raw, { isServer: true, cert: CERTIFICATE, key: KEY });
      client.on('error', () => undefined);
      first = await firstOf(client);
    }
    if (first === undefined) return;
    if (first.readInt32BE(4) !== CANCEL) return this.pass(client, first);
    this.cancels++;
    if (this.fate === 'elsewhere') client.end();
    else if (this.fate === 'held') this.held.push(() => this.pass(client, first));
    else setTimeout(() => this.pass(client, first), this.delay());
  }

  private pass(client: Duplex, first: Buffer): void {
    const upstream = connect(Number(this.target.port), this.target.hostname);
    this.keep(upstream);
    upstream.setNoDelay(true);
    upstream.write(first);
    client.pipe(upstream);
    upstream.pipe(client);
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.end());
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.sockets.delete(socket));
  }
}

/** The first message, of which all ends are small enough to come at once. */
async function firstOf(client: Duplex): Promise<Buffer | undefined> {
  try {
    const [chunk] = (await once(client, 'data', { signal: AbortSignal.timeout(10_000) })) as [Buffer];
    client.pause();
    return chunk;
  } catch {
    return undefined; // it was closed
  }
}
