import { once } from 'node:events';
import {
  type AddressInfo,
  connect,
  createServer,
  type NetConnectOpts,
  type Server,
  type Socket,
} from 'node:net';

/** Stands between a client and its server, and says nothing to either when it is told to: no byte, and no end of a connection. */
export class SilentProxy {
  private silent = false;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly listener: Server) {}

  static async start(server: NetConnectOpts): Promise<SilentProxy> {
    // Half-open, or Node itself would answer the end of a connection.
    const listener = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const proxy = new SilentProxy(listener);
    listener.on('connection', (client) => proxy.join(client, connect({ ...server, allowHalfOpen: true })));
    return proxy;
  }

  /** Where to connect to instead of the server. */
  get port(): number {
    return (this.listener.address() as AddressInfo).port;
  }

  /** @returns ends it. What was silenced is lost, and both sides hear of that */
  silence(): () => void {
    this.silent = true;
    return () => {
      this.silent = false;
      for (const socket of this.sockets) socket.destroy();
    };
  }

  close(): void {
    this.listener.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private join(client: Socket, server: Socket): void {
    this.pass(client, server);
    this.pass(server, client);
  }

  private pass(from: Socket, to: Socket): void {
    this.sockets.add(from);
    from.on('data', (chunk) => void (this.silent || to.write(chunk)));
    from.on('end', () => void (this.silent || to.end()));
    from.on('error', () => void (this.silent || to.resetAndDestroy()));
    from.on('close', () => {
      this.sockets.delete(from);
      if (!this.silent) to.destroy();
    });
  }
}
