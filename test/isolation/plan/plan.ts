export const ADAPTERS = ['express', 'fastify'] as const;
export type Adapter = (typeof ADAPTERS)[number];

export const TENANTS = ['acme', 'globex', 'initech', 'umbrella', 'hooli'] as const;
export type Tenant = (typeof TENANTS)[number];

/** What a request asks for: how its handler borrows, works and answers. */
export const HANDLERS = [
  'nothing', // borrows nothing
  'parameter', // a lease as a handler parameter
  'service', // a lease in a singleton's constructor, by acquire()
  'use', // the same, by use()
  'use-late', // use() that outlives the answer
  'leases', // leases in hand, which share the unit's resource, one of them released twice
  'released', // given back early, and taken anew
  'keyed', // a pool for each tenant, by a service
  'keyed-parameter', // the same, as a handler parameter
  'cached', // a cached resource for each tenant
  'cached-parameter', // the same, as a handler parameter
  'method', // a cached method, by its argument
  'method-tenant', // a cached method over a keyed lease
  'method-deep', // a cached method over a service that has a keyed lease
  'wrap', // cache.wrap() over a pooled resource
  'wrap-deep', // cache.wrap() over a service that has a keyed lease
  'transaction', // BEGIN, statements, COMMIT on one session
  'pair', // two types at a time
  'thenable', // an answer that begins its work when it is asked
  'observable', // defer(): work that begins at the subscription
  'stepwise', // an Observable of several awaited steps
  'generator', // an async generator
  'file', // a StreamableFile over a stream
  'stream', // a Readable, as it is
  'unclosed', // a StreamableFile over a stream that does not tell of its end
  'events', // server-sent events
  'response', // @Res() and callbacks
  'response-promise', // @Res() and a promise
  'response-later', // @Res(), a promise, and callbacks after it
  'resource-event', // keyed borrowing in a listener of a resource
  'bound-callback', // a handler parameter, used in the callback of a shared client
  'bound-function', // a service's lease in the callback of a shared client, bound to the request
  'batch', // a batch of keys that several requests share
  'request-scoped', // a request-scoped provider
  'durable', // a durable provider, one for each tenant
  'mounted', // a route of the platform, not of Nest
  'mounted-callback', // the same, by callbacks
  'post', // a JSON body
] as const;
export type Handler = (typeof HANDLERS)[number];

/** Their answers are streams. */
export const STREAMED: readonly Handler[] = ['generator', 'file', 'stream', 'unclosed', 'events'];

/** Where the asynchronous context of the request is lost: what follows runs in that of a client which all share. */
export const LOSSES = [
  'platform', // app.use() on Express, an onRequest hook on Fastify
  'middleware', // next() is called by a shared client
  'body', // next() is called when a middleware has read the body
  'hook', // Fastify's preHandler goes on by a shared client
  'guard', // an Observable guard
  'interceptor', // next.handle() in the callback of a shared client
  'answer', // an interceptor answers in the callback of a shared client
  'filter', // a filter answers in the callback of a shared client
] as const;
export type Loss = (typeof LOSSES)[number];

/** Who borrows before the handler does, or instead. */
export const BORROWERS = ['middleware', 'guard', 'interceptor', 'pipe', 'answer', 'filter'] as const;
export type Borrower = (typeof BORROWERS)[number];

/** What goes wrong on the server. */
export const FAULTS = ['guard', 'pipe', 'handler', 'time-out', 'session'] as const;
export type Fault = (typeof FAULTS)[number];

export interface PlannedRequest {
  /** Its number in the run, from 1. */
  readonly id: number;
  readonly handler: Handler;
  readonly tenant: Tenant;
  readonly user: string;
  readonly losses: readonly Loss[];
  readonly borrowers: readonly Borrower[];
  readonly fault?: Fault;
  /** Pauses on the server, used in turn: milliseconds, 0 for one turn of the event loop. */
  readonly pauses: readonly number[];
  /** Of the body, 0 for none. */
  readonly bytes: number;
  readonly gzip: boolean;
}

/** How the client ends an exchange. */
export type ClientEnd =
  | { readonly kind: 'keep' }
  | {
      readonly kind: 'hang-up';
      readonly how: 'reset' | 'destroy' | 'end';
      /** After so many bytes of the request, so many milliseconds after it was sent, or so many bytes of the answer. */
      readonly after: 'sent' | 'waited' | 'received';
      readonly amount: number;
    };

/** One or several (pipelined) requests on a connection, and how it goes on. */
export interface Exchange {
  readonly requests: readonly PlannedRequest[];
  readonly end: ClientEnd;
  /** Milliseconds between two reads of the client, 0 for one that reads at once. */
  readonly reading: number;
}

/** One client, which has one connection at a time. */
export interface Lane {
  /** Of the two in the process. */
  readonly application: 0 | 1;
  readonly exchanges: readonly Exchange[];
}

/** Requests that are on their way together. After a round all is quiet, and nothing may be left. */
export interface Round {
  readonly number: number;
  readonly lanes: readonly Lane[];
}

export function requestsOf({ lanes }: Round): PlannedRequest[] {
  return lanes.flatMap(({ exchanges }) => exchanges.flatMap(({ requests }) => requests));
}
