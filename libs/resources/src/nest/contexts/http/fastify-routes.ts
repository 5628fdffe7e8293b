import type { IncomingMessage, ServerResponse } from 'node:http';
import { isThenable } from '../../../hooks/is-thenable.js';
import { enter, handOver, inScope, type Role, whenSettled } from './hand-over.js';
import type { HttpLeaseScope } from './http-lease-scope.js';
import type { HttpScopes } from './http-scopes.js';
import { followReplies } from './fastify-replies.js';
import { placeOfHandler } from './place-of-handler.js';
import { scopeOfRequest } from './scope-of-request.js';

export interface Request {
  readonly raw: IncomingMessage;
}
export interface Reply {
  readonly raw: ServerResponse;
  readonly sent?: boolean;
}
type Callback = (...args: unknown[]) => unknown;
/** A handler of Fastify. */
type Handle = (this: unknown, request: Request, reply: Reply, ...rest: unknown[]) => unknown;
/** What gets a request, and perhaps a callback. */
type Work = (this: unknown, request: unknown, ...rest: unknown[]) => unknown;
type ErrorHandle = (this: unknown, error: unknown, request: Request, reply: Reply) => unknown;

/** The hooks that are told of a request and its reply. */
const REQUEST_HOOKS = [
  'onRequest',
  'preParsing',
  'preValidation',
  'preHandler',
  'preSerialization',
  'onSend',
  'onError',
  'onTimeout',
  'onResponse',
] as const;

/** Those that look at an answer while it is sent. */
const LOOKING_HOOKS: readonly string[] = ['preSerialization', 'onSend'];

/** What is called for the requests of one route, as Fastify keeps it: all that it has to call, whoever registered it and when. */
type Route = Partial<Record<(typeof REQUEST_HOOKS)[number] | 'onRequestAbort', unknown>> & {
  handler?: unknown;
  errorHandler?: ErrorHandler;
  /** What its requests are validated by. */
  readonly schema?: unknown;
  /** The instance that it was registered on. */
  readonly server?: object;
  readonly contentTypeParser?: { readonly customParsers?: ReadonlyMap<string, { fn?: unknown }> };
  [FOLLOWED]?: FastifyRoutes;
};

/** Its prototype is the one that is asked when this one fails; the last is Fastify's, of all instances. */
interface ErrorHandler {
  func?: unknown;
}

/** Where an instance keeps its hooks, a request its route, and a route the one that answers what is not found in its stead. */
export const HOOKS = 'fastify.hooks';
const ROUTE = 'fastify.context';
const NOT_FOUND = 'fastify.404ContextKey';
/** Where a route says who follows it: to look that up in a list costs every request as much as to open its scope. */
const FOLLOWED = Symbol('nestjs-resources:followed');

/**
 * Makes the functions that Fastify calls for a request run in its scope, and counts their work. They are replaced where Fastify keeps
 * them, when the first request of a route comes: what the application registered, and what plugins see of it, stays as it is.
 */
export class FastifyRoutes {
  private readonly known = new WeakSet<object>();
  private key: symbol | undefined;

  /** @param platform the code of Nest's adapter, whose own hooks hand a request to nobody who is not followed elsewhere */
  constructor(
    private readonly scopes: HttpScopes,
    private readonly platform: string,
  ) {}

  /** The hook that comes before all others of a request: it opens its scope, and follows its route. */
  readonly opening = (request: Request, reply: Reply, done: () => void): void => {
    const scope = this.scopes.of(request.raw, reply.raw);
    scope.reached(request, reply);
    this.follow(request, reply);
    handOver(scope, done); // what is mounted where nobody follows works unseen
  };

  private follow(request: object, reply: object): void {
    this.key ??= keyOf(request, ROUTE);
    if (this.key === undefined) return;
    const route = (request as Record<symbol, Route | null>)[this.key];
    if (route === null || route === undefined || route[FOLLOWED] === this) return;
    this.followRoute(route);
    followReplies(reply);
  }

  private followRoute(route: Route): void {
    route[FOLLOWED] = this;
    const registered = keptBy(route.server, HOOKS) as Route | undefined; // the same, before they were bound
    for (const name of REQUEST_HOOKS) {
      const hooks = (registered?.[name] ?? []) as unknown[];
      replaceEach(route[name], (hook, index) =>
        this.isFollowed(hooks, index) ? hook : this.hook(hook, LOOKING_HOOKS.includes(name)),
      );
    }
    replaceEach(route.onRequestAbort, (hook) => this.abortHook(hook));
    if (route.schema !== undefined && route.schema !== null) this.beforeValidation(route);
    route.handler = this.handler(route.handler);
    for (const handler of errorHandlersOf(route)) handler.func = this.errorHandler(handler.func);
    for (const parser of route.contentTypeParser?.customParsers?.values() ?? [])
      parser.fn = this.parser(parser.fn);
    const key = keyOf(route, NOT_FOUND) ?? keyOf(Object.getPrototypeOf(route) as object, NOT_FOUND);
    const notFound = key === undefined ? undefined : (route as Record<symbol, Route | null>)[key];
    if (notFound !== null && notFound !== undefined && notFound[FOLLOWED] !== this)
      this.followRoute(notFound);
  }

  /** Validators are called without a hand-over, and may be asynchronous. */
  private beforeValidation(route: Route): void {
    const hooks = (route.preValidation ?? []) as unknown[];
    if (!hooks.includes(this.entering)) route.preValidation = [...hooks, this.entering];
  }

  private readonly entering = (request: Request, reply: Reply, done: () => void): void => {
    enter(this.scopes.of(request.raw, reply.raw), done);
  };

  /** Whether a hook hands a request to nobody who is not followed elsewhere, in the context of the one before. */
  private isFollowed(hooks: readonly unknown[], index: number): boolean {
    if (this.isOwn(hooks[index])) return true;
    return isMiddie(hooks[index]) && hooks.slice(0, index).every((hook) => this.isOwn(hook));
  }

  /** Whether this hook was registered by this class, or by Nest's adapter. */
  private isOwn(hook: unknown): boolean {
    return (
      hook === this.opening ||
      (isFunction(hook) && this.platform.includes(Function.prototype.toString.call(hook)))
    );
  }

  /**
   * @param looks whether it looks at an answer while that is sent
   * @returns a hook in place of this one. Its callback is Fastify's own, bound to no scope: whoever is called next enters it, but
   * for an answer that is then read
   */
  hook(hook: unknown, looks = false): unknown {
    const { scopes } = this;
    return this.inPlaceOf<Handle>(hook, (handle) => {
      return function (request, reply, given, done) {
        if (!isExchange(request, reply)) return handle.call(this, request, reply, given, done);
        const scope = scopes.of(request.raw, reply.raw);
        const goOn = (callback: unknown): unknown =>
          isFunction(callback) ? goingOn(scope, callback, looks) : callback;
        // One that has answered, or will, brings the reply, or has taken it over.
        const role: Role = looks ? 'looks' : (value) => value !== reply && reply.sent !== true;
        // Some get a payload before their callback, and some look at how much they get.
        return handOver(
          scope,
          () =>
            done === undefined
              ? handle.call(this, request, reply, goOn(given))
              : handle.call(this, request, reply, given, goOn(done)),
          role,
        );
      };
    });
  }

  private handler(handler: unknown): unknown {
    const { scopes } = this;
    return this.inPlaceOf<Handle>(handler, (handle) => {
      const place = placeOfHandler(handle);
      return function (request, reply) {
        if (!isExchange(request, reply)) return handle.call(this, request, reply);
        const scope = scopes.of(request.raw, reply.raw);
        if (place !== undefined) scope.place = place;
        return handOver(scope, () => handle.call(this, request, reply));
      };
    });
  }

  private errorHandler(handler: unknown): unknown {
    return this.inPlaceOf<ErrorHandle>(handler, (handle) => {
      return function (error, request, reply) {
        const scope = scopeOfRequest(request);
        if (scope === undefined) return handle.call(this, error, request, reply);
        return handOver(scope, () => handle.call(this, error, request, reply));
      };
    });
  }

  /** A parser of bodies, which gets a body where a handler gets a reply. */
  private parser(parser: unknown): unknown {
    return this.inPlaceOf<Work>(parser, (parse) => {
      return function (request, ...rest) {
        const scope = scopeOfRequest(request);
        if (scope === undefined) return parse.call(this, request, ...rest);
        const given = rest.map((each) => (isFunction(each) ? inScope(scope, each) : each));
        return handOver(scope, () => parse.call(this, request, ...given));
      };
    });
  }

  /** It comes beside those who work for the request: what it does unseen says nothing of them. */
  private abortHook(hook: unknown): unknown {
    return this.inPlaceOf<Work>(hook, (handle) => {
      return function (request, ...rest) {
        const scope = scopeOfRequest(request);
        if (scope === undefined) return handle.call(this, request, ...rest);
        let done = false;
        const given = rest.map((each) =>
          isFunction(each) ? (...args: unknown[]) => ((done = true), each(...args)) : each,
        );
        const result = enter(scope, () => handle.call(this, request, ...given));
        if (!isThenable(result)) {
          if (given.length > 0 && !done) scope.gaveUpUnseen(); // it calls back when nobody is there
          return result;
        }
        scope.workBegan();
        return whenSettled(result, () => scope.workSettled());
      };
    });
  }

  /** @returns what `wrap` makes of a function, once; anything else as it is */
  private inPlaceOf<F extends (...args: never[]) => unknown>(
    given: unknown,
    wrap: (original: F) => F,
  ): unknown {
    if (typeof given !== 'function' || this.known.has(given)) return given;
    const wrapper = wrap(given as F); // Fastify calls it as one
    Object.defineProperty(wrapper, 'name', { value: given.name, configurable: true });
    this.known.add(wrapper);
    return wrapper;
  }
}

/** From there on the platform has the request, until it hands it over again. */
function goingOn(scope: HttpLeaseScope, callback: Callback, looks: boolean): Callback {
  const goOn = looks ? inScope(scope, callback) : callback;
  return (...args) => {
    scope.handedOver();
    return goOn(...args);
  };
}

function isFunction(value: unknown): value is Callback {
  return typeof value === 'function';
}

/** Whether it is the hook that runs the middleware of Nest's adapter. */
function isMiddie(hook: unknown): boolean {
  return isFunction(hook) && hook.name === 'runMiddie' && String(hook).includes('Middie');
}

/** Whoever gets hold of what Fastify calls may call it with anything. */
function isExchange(request: Partial<Request> | undefined, reply: Partial<Reply> | undefined): boolean {
  return typeof request?.raw === 'object' && typeof reply?.raw === 'object';
}

/** What an object of Fastify keeps to itself. @param name of the symbol */
export function keptBy(owner: object | undefined, name: string): unknown {
  const key = owner === undefined ? undefined : keyOf(owner, name);
  return key === undefined ? undefined : (owner as Record<symbol, unknown>)[key];
}

function keyOf(owner: object, name: string): symbol | undefined {
  return Object.getOwnPropertySymbols(owner).find(({ description }) => description === name);
}

/** In place: the list is gone through already. */
function replaceEach(list: unknown, by: (each: unknown, index: number) => unknown): void {
  if (!Array.isArray(list)) return;
  for (const [index, each] of list.entries()) list[index] = by(each, index);
}

/** Of a route, without Fastify's own, which all instances share. */
function errorHandlersOf({ errorHandler }: Route): ErrorHandler[] {
  const all: ErrorHandler[] = [];
  for (let each = errorHandler; each !== undefined; each = Object.getPrototypeOf(each) as ErrorHandler) {
    const parent = Object.getPrototypeOf(each) as object | null;
    if (parent === null || Object.getPrototypeOf(parent) === null) break;
    all.push(each);
  }
  return all;
}
