import type { HttpServer } from '@nestjs/common';
import { currentScope } from '../../coordinator/current-scope.js';
import { copyIdentity, isPromise } from './handler-tracking.js';
import { HttpLeaseScope } from './http-lease-scope.js';

/** The adapter's methods that register a route. */
const ROUTE_METHODS = [
  'get',
  'post',
  'put',
  'delete',
  'patch',
  'all',
  'options',
  'head',
  'search',
  'propfind',
  'proppatch',
  'mkcol',
  'copy',
  'move',
  'lock',
  'unlock',
  'query',
] as const;

type RouteHandler = (request: unknown, response: unknown, next: unknown) => unknown;
type Register = (...args: unknown[]) => unknown;

/**
 * Makes every route that is registered from now on tell its request's scope when the whole pipeline has
 * settled: guards, interceptors, pipes, handler, filters. Nest's route handler is an async function
 * around all of them, so its promise is the exact answer, and costs no interceptor.
 */
export function trackRoutes(adapter: HttpServer): void {
  const methods = adapter as unknown as Record<string, Register | undefined>; // every method registers in the same way
  for (const method of ROUTE_METHODS) {
    const register = methods[method];
    if (register === undefined) continue;
    methods[method] = function (...args) {
      const handler = args.at(-1);
      if (typeof handler === 'function')
        args[args.length - 1] = track(handler as RouteHandler, String(args[0]));
      return register.apply(this, args);
    };
  }
}

function track(handler: RouteHandler, path: string): RouteHandler {
  // Nest names its route handlers `Controller.method`.
  const place = handler.name.includes('.') ? handler.name : path;
  const wrapper: RouteHandler = (request, response, next) => {
    const scope = currentScope.getStore();
    if (!(scope instanceof HttpLeaseScope)) return handler(request, response, next);
    scope.place = place;
    scope.routed(request, response);
    const settled = (): void => scope.pipelineSettled();
    scope.pipelineBegan();
    let result: unknown;
    try {
      result = handler(request, response, next);
    } finally {
      if (isPromise(result)) result.then(settled, settled);
      else settled();
    }
    return result;
  };
  copyIdentity(handler, wrapper);
  return wrapper;
}
