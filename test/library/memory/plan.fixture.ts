export const ADAPTERS = ['express', 'fastify'] as const;
export type Adapter = (typeof ADAPTERS)[number];

/**
 * What the application is made of: Nest alone; the library with nothing to lend; a keyed pool and a cached resource,
 * of which every request has one made for a key of its own.
 */
export const VARIANTS = ['nest', 'library', 'lending'] as const;
export type Variant = (typeof VARIANTS)[number];

export interface Plan {
  adapter: Adapter;
  variant: Variant;
  /** Whether the application has middleware, which Fastify serves in another way. */
  middleware: boolean;
}

/** Headers in which a request says for whom it is. */
export const KEY_HEADER = 'x-key';

/** What the application is asked by its process's channel. */
export type Order =
  /** How long the server leaves a connection open that idles, in milliseconds. */
  | { order: 'keep'; alive: number }
  /** Waits so long for the requests to be collected, and for so few connections to be left, if it is patient enough. */
  | { order: 'measure'; most: number; patience: number; heap: boolean }
  /** Requests over connections that are none, as a function in the cloud gets them. */
  | { order: 'emulate'; count: number; from: number; injected: boolean };

export interface Measure {
  /** Bytes that live: the heap's and those outside of it. */
  bytes: number;
  /** Requests that have ended and are still reachable, or whose responses are. */
  reachable: number;
  connections: number;
}
