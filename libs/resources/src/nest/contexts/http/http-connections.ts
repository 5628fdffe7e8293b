import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { Injectable } from '@nestjs/common';
import { ResourceCoordinator } from '../../../coordinator/resource-coordinator.js';
import { afterTurn } from '../../../time/after-turn.js';
import type { Clock, ClockTimer } from '../../../time/clock.js';

const SESSION = Symbol('session of HTTP/2');

/** What Node's servers, and this class, leave at a socket. */
interface HttpSocket extends Socket {
  /** The response in progress. */
  _httpMessage?: ServerResponse | null;
  /** Null after an upgrade; undefined where nobody spoke HTTP/1 yet, such as below TLS. */
  parser?: object | null;
  /** Of one above TLS: what is below it, or what stands for that; then `stream` is it. */
  _parent?: HttpSocket & { readonly stream?: HttpSocket };
  [SESSION]?: ServerHttp2Session;
}

/** What a server calls at one of its events. */
type Listening = readonly [event: string, listener: (what: unknown) => void];

/** Milliseconds between two looks at connections that nobody uses. */
const SWEEP_INTERVAL = 50;

/** Turns of the event loop in which every connection of Node's own has closed. */
const CLOSING_TURNS = 10;

/**
 * All connections of an application's HTTP servers, for its shutdown: those with an answer in progress are asked to hang up
 * after it, those that nobody uses are closed, and at the deadline none is left.
 *
 * They are known from the servers and not from requests, because a client that sends nothing would otherwise hold the
 * shutdown forever. Nothing of a request is remembered: Node's own socket tells which response is in progress.
 */
@Injectable()
export class HttpConnections {
  /** With the listeners there. */
  private readonly servers = new Map<Server, readonly Listening[]>();
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
    const listeners: Listening[] = [
      ['connection', (socket) => this.add(socket as HttpSocket)], // what these events tell of
      ['secureConnection', (socket) => this.secured(socket as HttpSocket)],
      ['session', (session) => this.addSession(session as ServerHttp2Session)],
    ];
    this.servers.set(server, listeners);
    for (const [event, listener] of listeners) server.on(event, listener);
  }

  /** Whether any of its servers takes connections. */
  get isListening(): boolean {
    return [...this.servers.keys()].some(({ listening }) => listening);
  }

  /** A request came. Its server may be one that the adapter does not own. */
  requestCame({ socket, httpVersionMajor }: IncomingMessage, response: ServerResponse): void {
    const server = (socket as { server?: Server | null } | undefined)?.server; // an emulated request has neither
    if (server !== this.latest && typeof server?.on === 'function')
      this.requestCameBy(server, httpVersionMajor > 1 ? undefined : socket);
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
    for (let busy = this.busy; busy.length > 0; busy = this.busy)
      await Promise.all(busy.map((socket) => afterAnswer(socket, this.coordinator.clock)));
  }

  /** Closes what nobody uses from now on, until the servers are closed; and all that is left at the deadline. @param remaining milliseconds until it */
  closeWithin(remaining: number): void {
    this.later(SWEEP_INTERVAL, () => this.sweep());
    if (remaining !== Infinity) this.later(remaining, () => void this.cutOff());
  }

  /**
   * Closes all connections, those to come included, and waits until whoever works for them has heard of it; but for no connection
   * of somebody else's make that does not tell of its end.
   *
   * @returns how many had an answer in progress
   */
  async cutOff(): Promise<number> {
    this.cut = true;
    const late = this.busy.length;
    const closing = new Set(this.sockets);
    for (const socket of closing) socket.once('close', () => closing.delete(socket));
    for (const session of this.streams.keys()) session.destroy();
    for (const socket of this.sockets) socket.destroy();
    for (let turn = 0; turn < CLOSING_TURNS && closing.size > 0; turn++) await nextTurn();
    await nextTurn();
    return late;
  }

  /** The application's own servers are closed: there is nothing to look after. What others serve goes on. */
  stop(): void {
    this.cut = false;
    for (const [server, listeners] of this.servers)
      for (const [event, listener] of listeners) server.off(event, listener);
    this.sockets.clear();
    for (const timer of this.timers.splice(0)) this.coordinator.clock.clearTimeout(timer);
  }

  private get busy(): HttpSocket[] {
    return [...this.sockets].filter((socket) => this.isBusy(socket));
  }

  private isBusy(socket: HttpSocket): boolean {
    if (socket.destroyed || isUpgraded(socket)) return false;
    const session = socket[SESSION];
    if (session !== undefined) return (this.streams.get(session) ?? 0) > 0;
    return socket._httpMessage !== undefined && socket._httpMessage !== null;
  }

  private add(socket: HttpSocket): void {
    if (this.cut) {
      socket.destroy();
      return;
    }
    if (this.sockets.has(socket)) return;
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
  }

  /** From now on the connection is the socket above it. */
  private secured(socket: HttpSocket): void {
    const { _parent: below } = socket;
    if (below !== undefined) this.sockets.delete(below);
    if (below?.stream !== undefined) this.sockets.delete(below.stream);
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

  /**
   * A server without requests of its own only hands on what speaks HTTP, which keeps its name. What else it has is none of
   * our business.
   *
   * @param socket undefined for a stream of HTTP/2, whose connection the event of its session tells of
   */
  private requestCameBy(server: Server, socket: Socket | undefined): void {
    const isKnown = this.servers.has(server);
    const hasRequests = isKnown || server.listenerCount('request') > 0;
    if (hasRequests) this.latest = server;
    if (isKnown) return;
    if (hasRequests) this.watch(server);
    if (socket !== undefined) this.add(socket);
  }

  /** A connection that a client has just opened, or is about to use again, gets the time between two looks. */
  private sweep(): void {
    const unused = new Set<HttpSocket>();
    for (const socket of this.sockets) {
      if (isUpgraded(socket) || this.isBusy(socket)) continue;
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

function nextTurn(): Promise<void> {
  return new Promise((resolve) => afterTurn(resolve));
}

/** It speaks another protocol now; its end is the business of that protocol's implementation. */
function isUpgraded(socket: HttpSocket): boolean {
  return socket.parser === null && socket[SESSION] === undefined;
}

/** Resolves when the answer in progress is done or gone. Not every connection of somebody else's make tells of its end. */
function afterAnswer(socket: HttpSocket, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const sources = [socket, socket._httpMessage, socket[SESSION]].filter(
      (source) => source !== undefined && source !== null,
    );
    let timer: ClockTimer;
    const done = (): void => {
      clock.clearTimeout(timer);
      for (const source of sources) source.off('close', done);
      resolve();
    };
    const look = (): void => {
      if (socket.destroyed) return done();
      timer = clock.setTimeout(look, SWEEP_INTERVAL);
      timer.unref();
    };
    for (const source of sources) source.on('close', done);
    look();
  });
}
