import type { ArgumentsHost } from '@nestjs/common';
import { currentScope } from '../../../scopes/current-scope.js';
import type { ScopeHost } from '../../../scopes/lease-scope.js';
import { classOf } from '../../discovery/class-of.js';
import type { HttpLeaseScope } from './http-lease-scope.js';

/**
 * Where a request carries its scope. A registered symbol, so that a second copy of this package finds it, too; numbered anew whenever
 * one scope comes to ask of another what those before can't answer.
 */
const SCOPE = Symbol.for('nestjs-resources:scope:1');

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

/** By controller and by its class, the applications that have it: asked where a request has several scopes. */
const applications = new WeakMap<object, WeakSet<ScopeHost>>();
/** By the innermost of several scopes, the one whose application handles the request. */
const handling = new WeakMap<HttpLeaseScope, HttpLeaseScope>();

export function belongsTo(controller: object, host: ScopeHost): void {
  for (const each of [controller, classOf(controller)])
    if (each !== undefined) applications.set(each, (applications.get(each) ?? new WeakSet()).add(host));
}

/** Where a request has several scopes: that of the controller's application, or the one that is entered, or else the innermost. */
function oneOf(
  innermost: HttpLeaseScope | undefined,
  controller: object | undefined,
): HttpLeaseScope | undefined {
  if (innermost === undefined || around(innermost) === undefined) return innermost;
  const own = controller && (onlyOf(innermost, controller) ?? onlyOf(innermost, classOf(controller)));
  if (own !== undefined) handling.set(innermost, own);
  const current = currentScope.getStore();
  return own ?? (current && scopeOfApplication(innermost, current.host)) ?? innermost;
}

/** The only one whose application has this controller. */
function onlyOf(innermost: HttpLeaseScope, controller: object | undefined): HttpLeaseScope | undefined {
  const hosts = controller && applications.get(controller);
  const scopes: HttpLeaseScope[] = [];
  for (let each: HttpLeaseScope | undefined = innermost; each !== undefined; each = around(each))
    if (hosts?.has(each.host) === true) scopes.push(each);
  return scopes.length === 1 ? scopes[0] : undefined;
}

/** The scope of a request, by the response: Fastify's reply knows its request, and so does Node's. */
export function scopeOfResponse(response: unknown): HttpLeaseScope | undefined {
  if (typeof response !== 'object' || response === null) return undefined;
  const carrier = response as { req?: unknown; request?: unknown };
  const innermost = scopeOfRequest(carrier.request) ?? scopeOfRequest(carrier.req);
  if (innermost === undefined || around(innermost) === undefined) return innermost;
  return handling.get(innermost) ?? innermost;
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
