import type { ArgumentsHost } from '@nestjs/common';
import { currentScope } from '../../../scopes/current-scope.js';
import type { ScopeHost } from '../../../scopes/lease-scope.js';
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

/**
 * Of the scopes that a request has, one in each application that it comes through, that of one application.
 *
 * @param scope the innermost
 */
export function scopeOfApplication(
  scope: HttpLeaseScope | undefined,
  host: ScopeHost,
): HttpLeaseScope | undefined {
  let each = scope;
  while (each !== undefined && each.host !== host) each = around(each);
  return each;
}

/** They may be of another copy of this package, whose classes are not ours; all that a request carries are of this kind. */
function around({ parent }: HttpLeaseScope): HttpLeaseScope | undefined {
  return parent?.kind === 'http' ? (parent as HttpLeaseScope) : undefined;
}

/** The applications of controllers: asked where a request has several scopes. */
const applications = new WeakMap<object, ScopeHost>();

export function belongsTo(controller: object, host: ScopeHost): void {
  applications.set(controller, host);
}

/** Where a request has several scopes: that of the controller's application, or the one that is entered, or else the innermost. */
function oneOf(
  innermost: HttpLeaseScope | undefined,
  controller: object | undefined,
): HttpLeaseScope | undefined {
  if (innermost === undefined || around(innermost) === undefined) return innermost;
  const current = currentScope.getStore();
  const host = (controller && applications.get(controller)) ?? current?.host;
  const scope = host && scopeOfApplication(innermost, host);
  return scope ?? innermost;
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

/**
 * @param type of Nest's context: `http`, `graphql`, `rpc`, `ws`
 * @param controller that works for it, if it is known
 */
export function scopeOfArguments(
  args: readonly unknown[],
  type: string,
  controller?: object,
): HttpLeaseScope | undefined {
  if (type === 'http') return oneOf(scopeOfRequest(args[0]), controller);
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
