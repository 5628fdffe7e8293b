import type { ArgumentsHost } from '@nestjs/common';
import type { HttpLeaseScope } from './http-lease-scope.js';

/** Where a request carries its scope. A registered symbol, so that a second copy of this package finds it, too. */
const SCOPE = Symbol.for('nestjs-resources:scope');

interface Carrier {
  [SCOPE]?: HttpLeaseScope;
  /** Of Fastify's request and Mercurius' reply: Node's own. */
  raw?: Carrier;
}

/** Makes a request carry its scope, as long as the request lives: the only place that says whose scope it is. */
export function bindScope(request: object, scope: HttpLeaseScope): void {
  // As Node's own symbols there: to hide it would cost as much as all the rest of the scope.
  (request as Carrier)[SCOPE] = scope;
}

/** The scope of a request, the framework's or Node's own, if it has one. */
export function scopeOfRequest(request: unknown): HttpLeaseScope | undefined {
  if (typeof request !== 'object' || request === null) return undefined;
  const carrier = request as Carrier; // looked at, not trusted
  return carrier[SCOPE] ?? carrier.raw?.[SCOPE];
}

/** The scope of a request, by the response: Fastify's reply knows its request, and so does Node's. */
export function scopeOfResponse(response: unknown): HttpLeaseScope | undefined {
  if (typeof response !== 'object' || response === null) return undefined;
  const carrier = response as { req?: unknown; request?: unknown };
  return scopeOfRequest(carrier.request) ?? scopeOfRequest(carrier.req);
}

/** The scope of the request that somebody works for, as far as the arguments of the work tell. */
export function scopeOfHost(host: ArgumentsHost): HttpLeaseScope | undefined {
  return scopeOfArguments(host.getArgs(), host.getType());
}

/** @param type of Nest's context: `http`, `graphql`, `rpc`, `ws` */
export function scopeOfArguments(args: readonly unknown[], type: string): HttpLeaseScope | undefined {
  if (type === 'http') return scopeOfRequest(args[0]);
  return type === 'graphql' ? scopeOfOperation(args[2]) : undefined;
}

/** What the servers of GraphQL put into a context: Apollo `req`, Mercurius `reply`, others `request`. */
function scopeOfOperation(context: unknown): HttpLeaseScope | undefined {
  if (typeof context !== 'object' || context === null) return undefined;
  const { req, request, reply } = context as {
    req?: unknown;
    request?: unknown;
    reply?: { request?: unknown } | null;
  };
  return scopeOfRequest(req) ?? scopeOfRequest(request) ?? scopeOfRequest(reply?.request);
}
