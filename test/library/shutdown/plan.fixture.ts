export const ADAPTERS = ['express', 'fastify'] as const;
export type Adapter = (typeof ADAPTERS)[number];

/** How the application of one shutdown is made. It travels to its process in the environment. Durations in milliseconds. */
export interface Plan {
  adapter: Adapter;
  /** Whether it uses the library; without it, it is what Nest alone would do. */
  module: boolean;
  /** `'Infinity'` in words, which JSON has no number for. */
  drainTimeout: number | string;
  retirementTimeout: number;
  transport: 'plain' | 'tls' | 'http2';
  /** A further server on the same routes: `http.createServer(instance)`, or Fastify's own second one for `localhost`. */
  second: 'none' | 'hand-made' | 'localhost';
  forceCloseConnections: boolean;
  return503OnClosing: boolean;
  /** How long its own hook at the start takes. */
  bootstrap: number;
  /** How long a hook takes that Nest calls after the library's `beforeApplicationShutdown`. */
  laterHook: number;
  /** How long a resource takes to be made; its factory ignores the signal. */
  creation: number;
  /** Whether it closes before it has finished to listen. */
  closeWhileListening: boolean;
}

export const PLAN: Plan = {
  adapter: 'express',
  module: true,
  drainTimeout: 400,
  retirementTimeout: 400,
  transport: 'plain',
  second: 'none',
  forceCloseConnections: false,
  return503OnClosing: false,
  bootstrap: 0,
  laterHook: 0,
  creation: 0,
  closeWhileListening: false,
};

/** What the application says on its standard output, one line each. */
export const SAYS = {
  bootstrapping: '# bootstrapping',
  ready: /^ready (\d+) (\d+)$/m,
  closing: '# closing',
  /** Nest has begun to call the hooks of its end. */
  stopping: '# stopping',
  working: '# working',
  creating: '# creating',
  destroyed: '# destroyed',
  /** The library's report of who still held what. */
  report: /\[Resources\].*\blease/i,
} as const;

/** A secret that both sides know, so that TLS needs no certificate. */
export const TLS_KEY = Buffer.from('0123456789abcdef0123456789abcdef', 'hex');
export const TLS_SETTINGS = { ciphers: 'PSK', minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
