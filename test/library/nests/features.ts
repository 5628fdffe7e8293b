/** What is tried on every version: what the library itself touches. */
export const SHORT_FORM = ['parameters', 'classes', 'metadata', 'lending'] as const;

/** Nest's own features, tried on a few versions. Each is a file in `features/`. */
export const FEATURES = [
  'pipeline',
  'answers',
  'exceptions',
  'validation',
  'bodies',
  'scopes',
  'durable-scopes',
  'versioning',
  'prefixes',
  'cors',
  'files',
  'streams',
  'sse',
  'middleware',
  'adapter-routes',
  'hybrid-tcp',
  'hybrid-grpc',
  'gateway-ws',
  'gateway-socket-io',
  'graphql',
  'lazy-modules',
  'discovery',
  'repl',
  'hooks',
  'shutdown',
  'signals',
  'swagger',
  'testing',
  'standalone',
  'two-applications',
] as const;

export const ADAPTERS = ['express', 'fastify'] as const;
export type AdapterName = (typeof ADAPTERS)[number];
