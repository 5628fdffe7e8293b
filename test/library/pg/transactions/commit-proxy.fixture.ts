import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** What becomes of a COMMIT: it passes; the connection breaks before it reaches the server, or after, before the answer; the answer never comes. */
export type Fate = 'passes' | 'lost on its way' | 'answer lost' | 'never answered';

/** Stands before a server, and loses commits. */
export class CommitProxy {
  fate: Fate = 'passes';
  /** Commits that it has seen, a count. */
  commits = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async before(target: string): Promise<CommitProxy> {
    const { hostname, port } = new URL(target);
    const server = createServer((client) => proxy.pass(client, connect(Number(port), hostname)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = new URL(target);
    url.port = String((server.address() as AddressInfo).port);
    const proxy = new CommitProxy(server, url.href);
    return proxy;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private pass(client: Socket, upstream: Socket): void {
    let isMute = false;
    for (const socket of [client, upstream]) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
    }
    client.on('data', (chunk) => {
      const isCommit = chunk.includes('COMMIT');
      if (isCommit) this.commits++;
      if (isCommit && this.fate === 'lost on its way') return client.destroy();
      if (isCommit && this.fate !== 'passes') isMute = true;
      upstream.write(chunk);
      return undefined;
    });
    upstream.on('data', (chunk) => {
      if (!isMute) client.write(chunk);
      else if (this.fate === 'answer lost') client.destroy();
    });
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroy());
  }
}
