import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** The network between the application and its database, which can fail as networks do. */
export class DatabaseProxy {
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  private server: Server | undefined;
  private silent = false;
  private readonly host: string;
  private readonly target: number;
  private port = 0;

  private constructor(private readonly databaseUrl: URL) {
    this.host = databaseUrl.hostname;
    this.target = Number(databaseUrl.port);
  }

  static async start(databaseUrl: string): Promise<DatabaseProxy> {
    const proxy = new DatabaseProxy(new URL(databaseUrl));
    await proxy.accept();
    return proxy;
  }

  /** The database as seen through it, for another user if need be. */
  urlFor(user: string, password: string): string {
    const url = new URL(this.databaseUrl);
    Object.assign(url, { port: `${this.port}`, username: user, password });
    return url.href;
  }

  /** Nobody listens any more, and all sessions are cut. */
  async refuse(): Promise<void> {
    const closed = this.server === undefined ? undefined : once(this.server, 'close');
    this.server?.close();
    this.server = undefined;
    for (const pair of this.pairs) for (const socket of pair) socket.destroy();
    await closed;
  }

  /** From now on nothing arrives on the other side, of sessions and of those to come. */
  silence(): void {
    this.silent = true;
    for (const pair of this.pairs) for (const socket of pair) socket.pause();
  }

  /** All is well again; what was on its way during a silence arrives. */
  async restore(): Promise<void> {
    this.silent = false;
    for (const pair of this.pairs) for (const socket of pair) socket.resume();
    if (this.server === undefined) await this.accept();
  }

  async stop(): Promise<void> {
    await this.refuse();
  }

  private async accept(): Promise<void> {
    this.server = createServer((client) => this.pass(client));
    this.server.listen(this.port, this.host);
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  private pass(client: Socket): void {
    const server = connect(this.target, this.host);
    const pair = [client, server] as const;
    this.pairs.add(pair);
    for (const [from, to] of [pair, [server, client]] as const) {
      from.on('data', (data) => to.write(data));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.pairs.delete(pair);
        to.destroy();
      });
      if (this.silent) from.pause();
    }
  }
}
