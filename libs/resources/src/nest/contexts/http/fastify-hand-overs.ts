import type { HttpServer } from '@nestjs/common';
import { AbstractHttpAdapter } from '@nestjs/core';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { FastifyRoutes, HOOKS, keptBy } from './fastify-routes.js';
import { handOver, nextInScope } from './hand-over.js';
import type { HttpConnections } from './http-connections.js';
import type { HttpScopes } from './http-scopes.js';
import { redefine } from './redefine.js';

type Done = () => void;
type Middleware = (request: IncomingMessage, response: ServerResponse, next: unknown) => unknown;
type Use = (this: unknown, ...args: unknown[]) => unknown;
type Decorate = (this: unknown, name: unknown, value: unknown, ...rest: unknown[]) => unknown;
type SetHook = (this: unknown, hook: unknown) => unknown;
type MountMiddleware = (path: string, middleware: Middleware) => unknown;
type CreateFactory = (this: unknown, ...args: unknown[]) => MountMiddleware | Promise<MountMiddleware>;

/** What newer adapters have. */
interface WithCors {
  corsHook?: unknown;
}

/** What is needed of a Fastify instance. */
interface Instance {
  addHook(name: string, hook: (...args: never[]) => unknown): unknown;
}

/** Where an instance keeps those made by its plugins, and the servers of a host name that has several addresses. */
const CHILDREN = 'fastify.children';
const BINDINGS = 'fastify.serverBindings';

/**
 * Stands where Fastify hands a request over: to the hooks and handlers of its route, whoever registered them and when, and to
 * middleware. The first hook of all opens the request's scope.
 */
export function followFastify(adapter: HttpServer, scopes: HttpScopes, connections: HttpConnections): void {
  const instance = adapter.getInstance() as Instance;
  const routes = new FastifyRoutes(scopes, codeOf(adapter));
  hookFirst(instance, routes.opening);
  instance.addHook('onListen', (done: Done) => {
    for (const server of (keptBy(instance, BINDINGS) ?? []) as Server[]) connections.watch(server);
    done();
  });
  // The adapter calls these from hooks of its own, which wait for no promise.
  for (const name of ['setOnRequestHook', 'setOnResponseHook'])
    redefine<SetHook>(adapter, name, (set) => {
      return function (hook) {
        return set.call(this, routes.hook(hook));
      };
    });
  followCors(adapter as HttpServer & WithCors, routes);
  followMiddleware(adapter, instance, scopes);
}

/** Set when its plugin is loaded, and called from a hook of the adapter's own. */
function followCors(adapter: WithCors, routes: FastifyRoutes): void {
  let hook = adapter.corsHook;
  Object.defineProperty(adapter, 'corsHook', {
    get: () => hook,
    set: (given: unknown) => {
      hook = routes.hook(given);
    },
    configurable: true,
    enumerable: true,
  });
}

/** As it is mounted on the adapter, whose own wrappers tell of no promise; and what is mounted on an instance without it. */
function followMiddleware(adapter: HttpServer, instance: Instance, scopes: HttpScopes): void {
  let byAdapter = false;
  const mounted = <R>(mount: () => R): R => {
    byAdapter = true;
    try {
      return mount();
    } finally {
      byAdapter = false;
    }
  };
  const inScopeOf = (args: unknown[]): unknown[] => args.map((arg) => middlewareInScope(arg, scopes));
  redefine<Use>(adapter, 'use', (use) => {
    return function (...args) {
      return mounted(() => use.apply(this, inScopeOf(args)));
    };
  });
  redefine<CreateFactory>(adapter, 'createMiddlewareFactory', (create) => {
    return async function (...args) {
      const mount = await create.apply(this, args);
      return (path, middleware) =>
        mounted(() => mount(path, middlewareInScope(middleware, scopes) as Middleware)); // what it was, wrapped
    };
  });
  const useInScope = (use: Use): Use => {
    return function (...args) {
      return use.apply(this, byAdapter ? args : inScopeOf(args));
    };
  };
  redefine<Use>(instance, 'use', useInScope);
  // Each instance of a plugin is given one of its own.
  redefine<Decorate>(instance, 'decorate', (decorate) => {
    return function (name, value, ...rest) {
      const given = name === 'use' && typeof value === 'function' ? useInScope(value as Use) : value;
      return decorate.call(this, name, given, ...rest);
    };
  });
}

/** Before all that were registered, here and in plugins that are loaded already. */
function hookFirst(instance: Instance, hook: (...args: never[]) => unknown): void {
  const hooks = keptBy(instance, HOOKS) as { onRequest?: unknown[] } | undefined; // Fastify's own, by version
  if (hooks?.onRequest === undefined) instance.addHook('onRequest', hook);
  else hooks.onRequest.unshift(hook);
  for (const child of (keptBy(instance, CHILDREN) ?? []) as Instance[]) hookFirst(child, hook);
}

/** The code of Nest's own adapter, which an application may extend. */
function codeOf(adapter: HttpServer): string {
  let type: unknown = adapter.constructor;
  while (typeof type === 'function' && Object.getPrototypeOf(type) !== AbstractHttpAdapter)
    type = Object.getPrototypeOf(type);
  return typeof type === 'function' && type.name === 'FastifyAdapter' ? String(type) : '';
}

/** @returns middleware in place of these; a path as it is */
function middlewareInScope(middleware: unknown, scopes: HttpScopes): unknown {
  if (Array.isArray(middleware)) return middleware.map((each) => middlewareInScope(each, scopes));
  if (typeof middleware !== 'function' || middleware.length > 3) return middleware;
  const handle = middleware as Middleware; // middleware has no other form here
  const wrapper: Middleware = (request, response, next) => {
    const scope = scopes.of(request, response);
    if (typeof next !== 'function') return handOver(scope, () => handle(request, response, next));
    const { goOn, role } = nextInScope(scope, next as Done); // Fastify's own
    return handOver(scope, () => handle(request, response, goOn), role);
  };
  for (const key of ['name', 'length']) {
    const descriptor = Object.getOwnPropertyDescriptor(middleware, key);
    if (descriptor !== undefined) Object.defineProperty(wrapper, key, descriptor);
  }
  return wrapper;
}
