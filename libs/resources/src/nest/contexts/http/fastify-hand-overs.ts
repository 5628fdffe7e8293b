import type { HttpServer } from '@nestjs/common';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { types } from 'node:util';
import { handOver, inScope } from './hand-over.js';
import type { HttpConnections } from './http-connections.js';
import type { HttpScopes } from './http-scopes.js';
import { placeOfHandler } from './place-of-handler.js';
import { redefine } from './redefine.js';
import { scopeOfRequest } from './scope-of-request.js';

interface Request {
  readonly raw: IncomingMessage;
}
interface Reply {
  readonly raw: ServerResponse;
}
/** A hook or a handler of Fastify. */
type Handle = (this: unknown, request: Request, reply: Reply, ...rest: unknown[]) => unknown;
type Middleware = (request: IncomingMessage, response: ServerResponse, next: unknown) => unknown;
type Use = (this: unknown, ...args: unknown[]) => unknown;
type MountMiddleware = (path: string, middleware: Middleware) => unknown;
type CreateFactory = (this: unknown, ...args: unknown[]) => MountMiddleware | Promise<MountMiddleware>;

/** What is needed of a Fastify instance. */
interface Instance {
  addHook(name: string, hook: (...args: never[]) => unknown): unknown;
}

/** The hooks that are told of a request. `onRequestAbort` comes when it is over. */
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

/** Where an instance keeps the servers of a host name that has several addresses. */
const BINDINGS = 'fastify.serverBindings';

/**
 * Stands where Fastify hands a request over: to the hooks, handlers and middleware that are registered from now on, by Nest, by
 * plugins or by the application itself.
 */
export function followFastify(adapter: HttpServer, scopes: HttpScopes, connections: HttpConnections): void {
  const instance = adapter.getInstance() as Instance;
  const addHook = instance.addHook.bind(instance);
  const wrapper = new FastifyWrapper(scopes);
  redefine<(this: Instance, name: string, hook: unknown) => unknown>(instance, 'addHook', (original) => {
    return function (name, hook) {
      return original.call(this, name, isRequestHook(name) ? wrapper.hook(hook) : hook);
    };
  });
  addHook('onRequest', (request: Request, reply: Reply, done: () => void) => {
    const scope = scopes.of(request.raw, reply.raw);
    scope.reached(request, reply);
    handOver(scope, done); // what is mounted where nobody follows works unseen
  });
  addHook('onRoute', (route: Record<string, unknown>) => {
    wrapper.route(route);
  });
  addHook('onListen', (done: () => void) => {
    for (const server of serversOf(instance)) connections.watch(server);
    done();
  });
  redefine<Use>(instance, 'setNotFoundHandler', (set) => {
    return function (...args) {
      return set.apply(
        this,
        args.map((arg) => wrapper.notFound(arg)),
      );
    };
  });
  redefine<Use>(instance, 'addContentTypeParser', (add) => {
    return function (...args) {
      return add.apply(
        this,
        args.map((arg) => wrapper.parser(arg)),
      );
    };
  });
  redefine<Use>(adapter, 'use', (use) => {
    return function (...args) {
      return use.apply(
        this,
        args.map((arg) => wrapper.middleware(arg)),
      );
    };
  });
  redefine<CreateFactory>(adapter, 'createMiddlewareFactory', (create) => {
    return async function (...args) {
      const mount = await create.apply(this, args);
      return (path, middleware) => mount(path, wrapper.middleware(middleware) as Middleware); // what it was, wrapped
    };
  });
}

function isRequestHook(name: string): boolean {
  return REQUEST_HOOKS.some((known) => known === name);
}

function isFunction(value: unknown): value is (...args: unknown[]) => unknown {
  return typeof value === 'function';
}

function serversOf(instance: object): Server[] {
  const key = Object.getOwnPropertySymbols(instance).find(({ description }) => description === BINDINGS);
  return key === undefined ? [] : ((instance as Record<symbol, Server[]>)[key] ?? []); // Fastify's own list
}

/** Makes the functions that Fastify calls run in the scope of the request that they are called for. */
class FastifyWrapper {
  /** Of a route that answers GET and HEAD, Fastify registers what it was given twice. */
  private readonly known = new WeakSet<object>();

  constructor(private readonly scopes: HttpScopes) {}

  /** @returns a hook in place of this one; anything else as it is: Fastify refuses it */
  hook(hook: unknown): unknown {
    if (typeof hook !== 'function' || !types.isAsyncFunction(hook)) return this.handler(hook);
    const run = this.handler(hook) as Handle; // a function has one in its place
    if (run === hook) return hook; // it is one already
    // Fastify refuses an async function that takes a callback, too.
    const wrapper: Handle = async function (...args) {
      return await run.apply(this, args);
    };
    return this.as(hook, wrapper);
  }

  /** @returns a handler in place of this one; anything else as it is: Fastify refuses it */
  handler(handler: unknown): unknown {
    if (typeof handler !== 'function' || this.known.has(handler)) return handler;
    const { scopes } = this;
    const handle = handler as Handle; // Fastify calls it as one
    const place = placeOfHandler(handle);
    const run: Handle = function (request, reply, ...rest) {
      const scope = scopes.of(request.raw, reply.raw);
      scope.reached(request, reply);
      if (place !== undefined) scope.place = place;
      if (rest.length === 0) return handOver(scope, () => handle.call(this, request, reply));
      const given = rest.map((each) => (isFunction(each) ? inScope(scope, each) : each));
      return handOver(scope, () => handle.call(this, request, reply, ...given));
    };
    return this.as(handler, run);
  }

  /** Its handler and its own hooks. */
  route(route: Record<string, unknown>): void {
    route['handler'] = this.handler(route['handler']);
    for (const name of REQUEST_HOOKS) {
      const hooks = route[name];
      if (hooks === undefined || hooks === null) continue;
      route[name] = Array.isArray(hooks) ? hooks.map((hook) => this.hook(hook)) : this.hook(hooks);
    }
  }

  /** A handler of what is not found, and its own hooks. */
  notFound(given: unknown): unknown {
    if (typeof given !== 'object' || given === null) return this.hook(given);
    const hooks = Object.entries(given).map(([name, hook]) => [
      name,
      Array.isArray(hook) ? hook.map((each) => this.hook(each)) : this.hook(hook),
    ]);
    return Object.fromEntries(hooks);
  }

  /** A parser of bodies; anything else as it is: for which types, and its options. */
  parser(given: unknown): unknown {
    if (typeof given !== 'function') return given;
    const parse = given as Handle; // it gets a body where a handler gets a reply
    const wrapper: Handle = function (request, body, ...rest) {
      const scope = scopeOfRequest(request);
      if (scope === undefined) return parse.call(this, request, body, ...rest);
      const given = rest.map((each) => (isFunction(each) ? inScope(scope, each) : each));
      return handOver(scope, () => parse.call(this, request, body, ...given));
    };
    return this.as(given, wrapper);
  }

  /** @returns middleware in place of these; a path as it is */
  middleware(middleware: unknown): unknown {
    if (Array.isArray(middleware)) return middleware.map((each) => this.middleware(each));
    if (typeof middleware !== 'function' || middleware.length > 3) return middleware;
    const { scopes } = this;
    const handle = middleware as Middleware; // middleware has no other form here
    const wrapper: Middleware = (request, response, next) => {
      const scope = scopes.of(request, response);
      return handOver(scope, () => handle(request, response, isFunction(next) ? inScope(scope, next) : next));
    };
    return this.as(middleware, wrapper);
  }

  private as<F extends object>(from: object, to: F): F {
    for (const key of ['name', 'length']) {
      const descriptor = Object.getOwnPropertyDescriptor(from, key);
      if (descriptor !== undefined) Object.defineProperty(to, key, descriptor);
    }
    this.known.add(to);
    return to;
  }
}
