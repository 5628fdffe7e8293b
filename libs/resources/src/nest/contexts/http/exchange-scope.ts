import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { LeaseScope, ScopeHost } from '../../../scopes/lease-scope.js';
import { HandledScope } from '../handled-scope.js';
import { type Named, placeOfMethod } from './place-of-handler.js';

/**
 * The lease scope of a request and its response, as far as these tell of themselves: what handlers get, who handles it, whether it is
 * answered, and whether anybody is there to read that. Who works for it is for its only subclass to know. At its end it lets go of the
 * request, however long somebody keeps its context.
 */
export abstract class ExchangeScope extends HandledScope {
  /** Node's own; undefined when it has ended. */
  protected incoming: IncomingMessage | undefined;
  protected response: ServerResponse | undefined;
  /** As the framework's handlers get it; before one is reached, Node's own. So is `request`. */
  private reply: unknown;
  /** The method that handles it, and its class, until somebody asks for the place: most requests borrow nothing. */
  private method: Named | undefined;
  private controller: Named | undefined;
  private listening = false;
  /** Whether the response is known to be closed. */
  private responseClosed = false;

  protected constructor(
    host: ScopeHost,
    parent: LeaseScope | undefined,
    request: IncomingMessage,
    response: ServerResponse,
  ) {
    super(host, 'http', 'request', parent);
    this.incoming = request;
    this.response = response;
    this.request = request;
    this.reply = response;
    // HTTP/2's, and some that no network sends, don't tell when they are asked.
    if (typeof response.closed !== 'boolean') this.listen();
  }

  override get place(): string {
    if (this.method !== undefined) this.ownPlace = placeOfMethod(this.controller, this.method);
    this.method = undefined;
    return this.ownPlace;
  }

  override set place(place: string) {
    this.ownPlace = place;
    this.method = undefined;
  }

  /** A method of this object handles it. Not every Nest names its routes. */
  handledBy(instance: object, method: Named): void {
    this.controller = instance.constructor;
    this.method = method;
  }

  /** Hears when the response is closed. To be called where nothing else will tell of the end: a listener costs as much as a lease. */
  listen(): void {
    if (this.listening) return;
    this.listening = true;
    this.response?.on('close', () => {
      this.responseClosed = true;
      this.closed();
    });
  }

  /** The response was closed: sent, or its client is gone. */
  protected abstract closed(): void;

  get handlerArguments(): readonly unknown[] {
    return this.ended ? [] : [this.request, this.reply];
  }

  /** A hook or a handler of the framework was reached. */
  reached(request: unknown, response: unknown): void {
    if (this.ended) return;
    this.request = request;
    this.reply = response;
  }

  /** Calls `hear` when the answer was sent, or nobody is there to read it, which may be so already. */
  whenSent(hear: () => void): void {
    if (this.gone) hear();
    this.response?.once('finish', hear);
    this.response?.once('close', hear);
  }

  /** Whether all of the answer was handed to Node: a slow reader holds no lease. */
  get answered(): boolean {
    return this.response?.writableEnded === true;
  }

  /** Whether nobody is there to read an answer. */
  protected get gone(): boolean {
    const { incoming, response } = this;
    if (incoming === undefined || response === undefined || this.responseClosed) return true;
    const socket = incoming.socket as Socket | undefined; // an emulated request has none
    return response.closed || response.destroyed || (socket?.destroyed ?? false);
  }

  protected letGo(): void {
    this.incoming = undefined;
    this.response = undefined;
    this.request = undefined;
    this.reply = undefined;
  }
}
