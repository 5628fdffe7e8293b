import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { Injectable } from '@nestjs/common';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import type { ClockTimer } from '../../time/clock.js';

const SESSION = Symbol('session of HTTP/2');

/** What Node's servers, and this class, leave at a socket. */
interface HttpSocket extends Socket {
  /** The response in progress. */
  _httpMessage?: ServerResponse | null;
  /** Null after an upgrade; undefined where nobody spoke HTTP/1 yet, such as below TLS. */
  parser?: object | null;
  [SESSION]?: ServerHttp2Session;
}

/** Milliseconds between two looks at connections that nobody uses. */
const SWEEP_INTERVAL = 50;

/**
 * All connections of an application's HTTP servers, for its shutdown: those with an answer in progress are asked to hang up
 * after it, those that nobody uses are closed, and at the deadline none is left.
 *
 * They are known from the servers and not from requests, because a client that sends nothing would otherwise hold the
 * shutdown for ever. Nothing of a request is remembered: Node's own socket tells which response is in progress.
 */
@Injectable()
export class HttpConnections {
  private readonly servers = new Set<Server>();
  private readonly sockets = new Set<HttpSocket>();
  /** Streams in progress, by session of HTTP/2. */
  private readonly streams = new Map<ServerHttp2Session, number>();
  private latest: Server | undefined;
  private draining = false;
  private asksToHangUp = true;
  private cut = false;
  /** Connections that nobody used at the last look. */
  private unused = new Set<HttpSocket>();
  private timers: ClockTimer[] = [];

  constructor(private readonly coordinator: ResourceCoordinator) {}

  /** Watches a server. Its connections from now on are known. */
  watch(server: Server): void {
    if (this.servers.has(server)) return;
    this.servers.add(server);
    server.on('connection', (socket: Socket) => this.add(socket));
    server.on('secureConnection', (socket: Socket) => this.secured(socket));
    server.on('session', (session: ServerHttp2Session) => this.addSession(session));
  }

  /** A request came. Its server may be one that the adapter does not own. */
  requestCame({ socket }: IncomingMessage, response: ServerResponse): void {
    const server = (socket as { server?: Server | null } | undefined)?.server; // an emulated request has neither
    if (server !== this.latest && typeof server?.on === 'function') this.requestCameBy(server, socket);
    if (this.draining) this.askToHangUp(response);
  }

  /** From now on, connections close with their answer. @param asks whether they are told to */
  startDraining(asks: boolean): void {
    this.draining = true;
    this.asksToHangUp = asks;
    for (const { _httpMessage } of this.sockets)
      if (_httpMessage !== undefined && _httpMessage !== null) this.askToHangUp(_httpMessage);
    for (const session of this.streams.keys()) session.close(); // after its streams
  }

  /** Resolves when no answer is in progress. */
  async answered(): Promise<void> {
    for (let busy = this.busy; busy.length > 0; busy = this.busy) await Promise.all(busy.map(afterAnswer));
  }

  /** Closes what nobody uses from now on, until the servers are closed; and all that is left at the deadline. @param remaining milliseconds until it */
  closeWithin(remaining: number): void {
    this.later(SWEEP_INTERVAL, () => this.sweep());
    if (remaining !== Infinity) this.later(remaining, () => void this.cutOff());
  }

  /**
   * Closes all connections, those to come included, and waits until whoever works for them has heard of it.
   *
   * @returns how many had an answer in progress
   */
  async cutOff(): Promise<number> {
    this.cut = true;
    const late = this.busy.length;
    const closed = [...this.sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    for (const session of this.streams.keys()) session.destroy();
    for (const socket of this.sockets) socket.destroy();
    await Promise.all(closed);
    await new Promise((resolve) => setImmediate(resolve));
    return late;
  }

  /** The servers are closed: there is nothing to look after. */
  stop(): void {
    for (const timer of this.timers.splice(0)) this.coordinator.clock.clearTimeout(timer);
  }

  private get busy(): HttpSocket[] {
    return [...this.sockets].filter((socket) => this.isBusy(socket));
  }

  private isBusy(socket: HttpSocket): boolean {
    if (socket.destroyed) return false;
    const session = socket[SESSION];
    if (session !== undefined) return (this.streams.get(session) ?? 0) > 0;
    return socket._httpMessage !== undefined && socket._httpMessage !== null;
  }

  private add(socket: HttpSocket): void {
    if (this.cut) {
      socket.destroy();
      return;
    }
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
  }

  /** From now on the connection is the socket above it. */
  private secured(socket: HttpSocket): void {
    for (const below of this.sockets) {
      const same = below.remotePort === socket.remotePort && below.remoteAddress === socket.remoteAddress;
      if (same && below.remotePort !== undefined) this.sockets.delete(below);
    }
    this.add(socket);
  }

  private addSession(session: ServerHttp2Session): void {
    (session.socket as HttpSocket)[SESSION] = session; // a proxy, which passes it on to the socket
    this.streams.set(session, 0);
    session.once('close', () => this.streams.delete(session));
    session.on('stream', (stream) => {
      this.count(session, 1);
      stream.once('close', () => this.count(session, -1));
    });
  }

  private count(session: ServerHttp2Session, change: number): void {
    const streams = this.streams.get(session);
    if (streams !== undefined) this.streams.set(session, streams + change);
  }

  private requestCameBy(server: Server, socket: Socket): void {
    this.latest = server;
    if (this.servers.has(server)) return;
    this.watch(server);
    this.add(socket);
  }

  /** A connection that a client has just opened, or is about to use again, gets the time between two looks. */
  private sweep(): void {
    const unused = new Set<HttpSocket>();
    for (const socket of this.sockets) {
      if (this.isBusy(socket) || isUpgraded(socket)) continue;
      if (!this.unused.has(socket)) unused.add(socket);
      else if (socket[SESSION] === undefined) socket.destroy();
      else socket[SESSION].close();
    }
    this.unused = unused;
    this.later(SWEEP_INTERVAL, () => this.sweep());
  }

  private later(delay: number, work: () => void): void {
    const { clock } = this.coordinator;
    const timer = clock.setTimeout(() => {
      this.timers = this.timers.filter((other) => other !== timer);
      work();
    }, delay);
    timer.unref();
    this.timers.push(timer);
  }

  private askToHangUp(response: ServerResponse): void {
    if (!this.asksToHangUp || response.headersSent || response.req.httpVersionMajor > 1) return;
    response.setHeader('connection', 'close');
  }
}

/** It speaks another protocol now, whose end is the business of who speaks it. */
function isUpgraded(socket: HttpSocket): boolean {
  return socket.parser === null && socket[SESSION] === undefined;
}

/** Resolves when the answer in progress is done or gone. */
function afterAnswer(socket: HttpSocket): Promise<void> {
  return new Promise((resolve) => {
    const sources = [socket, socket._httpMessage, socket[SESSION]].filter(
      (source) => source !== undefined && source !== null,
    );
    const done = (): void => {
      for (const source of sources) source.off('close', done);
      resolve();
    };
    for (const source of sources) source.on('close', done);
  });
}
