import type { ServerResponse } from 'node:http';
import { LeaseScope, type ScopeKeeper } from '../../coordinator/lease-scope.js';
import type { HttpConnection } from './http-connection.js';

/**
 * The lease scope of one HTTP request. It is over when the response is done or gone AND everything
 * that answers the request (guards, pipes, the handler, filters) has settled: neither alone is
 * right, because a stream outlives its handler, and a handler outlives a client that hung up.
 *
 * Until something is borrowed it only counts. It listens to the response only when nothing else will
 * tell it of the end: a listener costs a request as much as its lease.
 */
export class HttpLeaseScope extends LeaseScope {
  /** Pipelines and handlers that have not settled. */
  private pipelines = 0;
  private handlers = 0;
  /** Whether a handler was reached. */
  private handled = false;
  private listening = false;
  private abandonment: AbortController | undefined;
  private routeResponse: unknown = undefined;

  constructor(
    keeper: ScopeKeeper,
    parent: LeaseScope | undefined,
    readonly response: ServerResponse,
    private readonly connection: HttpConnection | undefined,
  ) {
    super(keeper, 'http', 'request', parent);
  }

  /** Request and response as the platform's handlers get them; before a route is reached, Node's own. */
  get exchange(): unknown[] {
    return [this.request ?? this.response.req, this.routeResponse ?? this.response];
  }

  /** A route was reached. */
  routed(request: unknown, response: unknown): void {
    this.request = request;
    this.routeResponse = response;
  }

  /** Guards, interceptors, pipes, handler, filters and sending: the request is not over before all that has settled. */
  pipelineBegan(): void {
    this.pipelines++;
  }

  pipelineSettled(): void {
    this.pipelines--;
    this.settled();
  }

  /** The handler alone: it goes on when a time-out has ended the pipeline. */
  trackHandler(work: PromiseLike<unknown> | undefined): void {
    this.handled = true;
    if (work === undefined) return;
    this.handlers++;
    const settled = (): void => {
      this.handlers--;
      this.settled();
    };
    work.then(settled, settled);
  }

  protected override get over(): boolean {
    if (!this.answered || this.handlers > 0) return false;
    return this.pipelines === 0 || this.stranded;
  }

  /** A client that hung up does not wait for its turn in a queue. Made on demand: most requests never wait. */
  override get abandoned(): AbortSignal {
    this.abandonment ??= new AbortController();
    this.listen();
    if (this.gone) this.abandonment.abort(new Error('the client hung up'));
    return this.abandonment.signal;
  }

  /** The response was closed, or the connection was. */
  closed(): void {
    if (this.abandonment !== undefined && this.gone) this.abandonment.abort(new Error('the client hung up'));
    this.endIfOver();
  }

  protected override begin(): void {
    super.begin();
    this.connection?.tell(this);
    this.listenIfIdle();
  }

  protected override end(): void {
    this.connection?.forget(this);
    super.end();
  }

  private settled(): void {
    this.endIfOver();
    this.listenIfIdle();
  }

  /** With nobody at work, but the answer not complete, a body is on its way to the client. */
  private listenIfIdle(): void {
    if (this.begun && this.pipelines === 0 && this.handlers === 0 && !this.answered) this.listen();
  }

  private listen(): void {
    if (this.listening) return;
    this.listening = true;
    this.response.once('close', () => this.closed());
  }

  /**
   * Whether the answer needs no more of the request's resources: all of it was handed to Node (a slow
   * reader holds no lease), or nobody is there to read it.
   */
  private get answered(): boolean {
    return this.response.writableEnded || this.gone;
  }

  private get gone(): boolean {
    return this.response.destroyed || this.connection?.closed === true;
  }

  /**
   * Whether sending will never settle. Before Node 24 a pipelined response whose connection died before its
   * turn is not told, and Fastify's reply waits for it for ever; the handler has done its part.
   */
  private get stranded(): boolean {
    return this.handled && this.connection?.closed === true && !this.response.destroyed;
  }
}
