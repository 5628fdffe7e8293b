import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { SilentProxy } from './silent-proxy.fixture.js';

/** A server of no known protocol: it greets whoever connects, and answers each line with the last but one, which it remembers. */
export class Greeter {
  private readonly connections = new Map<number, Socket>();

  private constructor(
    private readonly listener: Server,
    private readonly proxy: SilentProxy,
  ) {}

  /** @param greeting milliseconds until a connection is greeted */
  static async start(greeting = 2): Promise<Greeter> {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    const greeter = new Greeter(listener, await SilentProxy.start({ host: '127.0.0.1', port }));
    listener.on('connection', (socket) => greeter.serve(socket, greeting));
    return greeter;
  }

  /** Where to connect to. */
  get port(): number {
    return this.proxy.port;
  }

  count(): number {
    return this.connections.size;
  }

  /** @param name as the greeting told it */
  kill(name: number): void {
    this.connections.get(name)?.resetAndDestroy();
  }

  silence(): () => void {
    return this.proxy.silence();
  }

  stop(): void {
    this.proxy.close();
    this.listener.close();
    for (const socket of this.connections.values()) socket.destroy();
  }

  private serve(socket: Socket, greeting: number): void {
    const name = socket.remotePort ?? 0;
    let remembered = '';
    this.connections.set(name, socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.connections.delete(name));
    setTimeout(() => socket.write(`${name}\n`), greeting);
    socket.setEncoding('utf8').on('data', (line: string) => {
      socket.write(`was ${remembered}\n`);
      remembered = line.trim();
    });
  }
}
