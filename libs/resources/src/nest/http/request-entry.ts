import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpServer } from '@nestjs/common';

type Enter = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;
type Register = (...args: unknown[]) => unknown;

/** What is needed of a Fastify instance. */
interface Hooks {
  addHook(
    name: 'onRequest',
    hook: (request: { raw: IncomingMessage }, reply: { raw: ServerResponse }, done: () => void) => void,
  ): void;
}

/** The adapter's methods by which middleware comes in. */
const MIDDLEWARE_METHODS = ['use', 'createMiddlewareFactory'] as const;

/**
 * Lets every request enter before the routes, and before the middleware that is registered from now on.
 *
 * Fastify runs middleware through an emulation of Express that costs a request more than a lease does.
 * There a hook is enough, as long as the application has no middleware of its own.
 */
export function enterRequests(adapter: HttpServer, enter: Enter): void {
  if (adapter.getType?.() !== 'fastify') {
    adapter.use(enter);
    return;
  }
  const hooks = adapter.getInstance() as Hooks;
  hooks.addHook('onRequest', ({ raw: request }, { raw: response }, done) => enter(request, response, done));
  beforeMiddleware(adapter, () => adapter.use(enter));
}

/** Prepares when the first middleware comes: Fastify runs it before a hook that was added after Nest's own. */
function beforeMiddleware(adapter: HttpServer, prepare: () => void): void {
  const methods = adapter as unknown as Record<string, Register>; // both register in the same way
  for (const name of MIDDLEWARE_METHODS) {
    methods[name] = (...args) => {
      for (const own of MIDDLEWARE_METHODS) delete methods[own]; // the adapter's class has the originals
      prepare();
      return methods[name]?.(...args);
    };
  }
}
