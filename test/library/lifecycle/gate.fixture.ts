import { once } from 'node:events';
import {
  type AddressInfo,
  connect,
  createServer,
  type NetConnectOpts,
  type Server,
  type Socket,
} from 'node:net';

/** The way into another network: who connects to it is connected to the server behind it, as long as it is open. */
export class NetworkGate {
  private listener: Server | undefined;
  private readonly sockets = new Set<Socket>();

  constructor(private readonly server: NetConnectOpts) {}

  /** Where to connect to; 0 while it is closed. */
  get port(): number {
    return (this.listener?.address() as AddressInfo | null | undefined)?.port ?? 0;
  }

  async open(): Promise<void> {
    this.listener = createServer((client) => {
      const server = connect(this.server);
      for (const [from, to] of [
        [client, server],
        [server, client],
      ]) {
        this.sockets.add(from);
        from.pipe(to);
        from.on('error', () => to.destroy());
        from.on('close', () => {
          this.sockets.delete(from);
          to.destroy();
        });
      }
    }).listen(0, '127.0.0.1');
    await once(this.listener, 'listening');
  }

  /** Cuts off all that goes through it. */
  close(): void {
    this.listener?.close();
    this.listener = undefined;
    for (const socket of this.sockets) socket.destroy();
  }
}
