import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** What can happen between an application and its server. Durations in milliseconds. */
export type ProxyFault =
  | { kind: 'none' }
  /** Everything arrives later by so much. */
  | { kind: 'latency'; by: number }
  /** All connections are reset, and new ones as soon as they are there. */
  | { kind: 'reset' }
  /** Nothing arrives any more, and nobody hears of it; a connection that was used meanwhile stays silent for ever. */
  | { kind: 'black hole' }
  /** Nothing arrives for as long as it lasts; what was on its way arrives afterwards. */
  | { kind: 'stall' }
  /** The server is gone: connections end, and there is nobody to connect to. */
  | { kind: 'refuse' }
  /** A connection is reset when so many more bytes have come from the server, in the middle of whatever it says. */
  | { kind: 'cut'; after: number };

const NO_FAULT: ProxyFault = { kind: 'none' };
const HOST = '127.0.0.1';

/** Stands between an application and its server, in this process, and does to their connections what networks do. */
export class FaultProxy {
  private fault: ProxyFault = NO_FAULT;
  private readonly open = new Set<ProxiedConnection>();
  private listener: Server | undefined;

  private constructor(
    private readonly server: { host: string; port: number },
    /** Where to connect to instead. */
    readonly port: number,
  ) {}

  static async start(host: string, port: number): Promise<FaultProxy> {
    const listener = createServer().listen(0, HOST);
    await once(listener, 'listening');
    const proxy = new FaultProxy({ host, port }, (listener.address() as AddressInfo).port);
    proxy.serve(listener);
    return proxy;
  }

  /** The connections that pass through now. */
  get connections(): number {
    return this.open.size;
  }

  /** Those of them that a black hole has silenced. */
  get silenced(): number {
    return [...this.open].filter(({ silent }) => silent).length;
  }

  /** Lasts until the next call; `none` heals. */
  async set(fault: ProxyFault): Promise<void> {
    this.fault = fault;
    if (fault.kind === 'refuse') this.stopListening();
    else await this.listen();
    for (const connection of this.open) {
      if (fault.kind === 'reset') connection.reset();
      if (fault.kind === 'refuse') connection.end();
      if (fault.kind === 'cut') connection.cutAfter(fault.after);
      if (fault.kind === 'stall') connection.stall();
      else connection.goOn();
    }
  }

  close(): void {
    this.stopListening();
    for (const connection of this.open) connection.reset();
  }

  private async listen(): Promise<void> {
    if (this.listener !== undefined) return;
    const listener = createServer().listen(this.port, HOST);
    this.serve(listener);
    await once(listener, 'listening');
  }

  private stopListening(): void {
    this.listener?.close();
    this.listener = undefined;
  }

  private serve(listener: Server): void {
    this.listener = listener;
    listener.on('connection', (client) => {
      const { fault } = this;
      const connection = new ProxiedConnection(client, connect(this.server), () => this.fault);
      this.open.add(connection);
      connection.onClosed = () => this.open.delete(connection);
      if (fault.kind === 'reset') connection.reset();
      if (fault.kind === 'cut') connection.cutAfter(fault.after);
      if (fault.kind === 'stall') connection.stall();
    });
  }
}

class ProxiedConnection {
  onClosed: () => void = () => undefined;
  silent = false;
  private bytesLeft = Infinity;

  constructor(
    private readonly client: Socket,
    private readonly upstream: Socket,
    private readonly fault: () => ProxyFault,
  ) {
    this.pump(client, upstream);
    this.pump(upstream, client);
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      socket.on('error', () => this.reset());
      socket.on('close', () => this.close());
    }
  }

  cutAfter(bytes: number): void {
    this.bytesLeft = bytes;
  }

  stall(): void {
    this.client.pause();
    this.upstream.pause();
  }

  goOn(): void {
    this.client.resume();
    this.upstream.resume();
  }

  end(): void {
    this.client.end();
    this.upstream.end();
  }

  reset(): void {
    this.client.resetAndDestroy();
    this.upstream.resetAndDestroy();
  }

  /** One side is gone: so is the other, when what it still had to say has been passed on. */
  private close(): void {
    this.client.destroySoon();
    this.upstream.destroySoon();
    if (this.client.closed && this.upstream.closed) this.onClosed();
  }

  /** Chunks go one after the other, however long one of them takes. */
  private pump(from: Socket, to: Socket): void {
    let last = Promise.resolve();
    from.on('data', (chunk) => {
      last = last.then(() => this.pass(chunk, from, to));
    });
  }

  private async pass(chunk: Buffer, from: Socket, to: Socket): Promise<void> {
    const fault = this.fault();
    if (fault.kind === 'black hole') this.silent = true;
    if (fault.kind === 'latency') await delay(fault.by);
    if (this.silent || to.destroyed) return;
    const passing = from === this.upstream ? chunk.subarray(0, this.bytesLeft) : chunk;
    if (from === this.upstream) this.bytesLeft -= passing.length;
    if (!to.write(passing)) {
      from.pause();
      to.once('drain', () => void (this.fault().kind === 'stall' || from.resume()));
    }
    if (this.bytesLeft === 0) to.write('', () => this.reset());
  }
}
