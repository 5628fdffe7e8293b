import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpServer } from '@nestjs/common';
import { enter, handOver, nextInScope, type Role } from './hand-over.js';
import type { HttpLeaseScope } from './http-lease-scope.js';
import type { HttpScopes } from './http-scopes.js';
import { placeOfHandler } from './place-of-handler.js';
import { redefine } from './redefine.js';
import { scopeOfRequest } from './scope-of-request.js';

type Next = (error?: unknown) => void;
type SetHook = (this: unknown, hook: unknown) => unknown;
type Handle = (request: Request, response: ServerResponse, next: Next) => unknown;
type ErrorHandle = (error: unknown, request: Request, response: ServerResponse, next: Next) => unknown;

/** Node's request; Express records the application that it now belongs to. */
interface Request extends IncomingMessage {
  readonly app: Mountable;
}

/** A router, an application, or a function of one's own. */
interface Mountable {
  /** Of a router. */
  readonly stack?: unknown;
  /** Of an application; made when it is asked for. Express 4 has another, and throws when it is asked for this one. */
  readonly router?: Router;
  readonly _router?: Router;
  readonly lazyrouter?: unknown;
  readonly set?: unknown;
  /** In which it is mounted. */
  readonly parent?: Mountable;
}

interface Router {
  readonly stack?: unknown;
  use(handle: Handle): unknown;
}

/** What a router of Express keeps of one middleware or route. */
interface Layer {
  handle: (Handle | ErrorHandle) & Mountable;
  /** Set where a layer only leads to a route's own layers. */
  readonly route?: unknown;
}
type HandleRequest = (this: Layer, ...args: Parameters<Handle>) => unknown;
type HandleError = (this: Layer, ...args: Parameters<ErrorHandle>) => unknown;

/** The scopes of the applications of this process that have this module, by what they stand on: several may share it. */
const scopesByApplication = new WeakMap<object, readonly HttpScopes[]>();
/** Whether any of these has several. */
let areShared = false;
const followed = new WeakSet<object>();
/** By layer, one like it that hands over in the scope of the request. */
const shadows = new WeakMap<Layer, Layer>();

/**
 * Stands where Express hands a request over: to every middleware, route and error handler, of nested routers and applications too,
 * of any copy of Express from 4 on, mounted by Nest or by the application itself, before this or after. All of them pass a
 * layer, whose class Express keeps to itself; two of its methods are replaced, once per process, by ones that check whose request
 * it is.
 *
 * @returns whether this is an application of Express
 */
export function followExpress(application: Mountable, scopes: HttpScopes): boolean {
  const router = routerOf(application);
  if (router === undefined || !Array.isArray(router.stack)) return false;
  const others = scopesByApplication.get(application) ?? [];
  scopesByApplication.set(application, [...others, scopes]);
  areShared ||= others.length > 0;
  if (followLayers(router.stack)) return true;
  router.use((_request, _response, next) => next());
  followLayers(router.stack);
  router.stack.pop(); // it was there to show its class
  return true;
}

/** The adapter calls them from a middleware of its own, or at the end of the answer, and waits for no promise. */
export function followExpressHooks(adapter: HttpServer, scopes: HttpScopes): void {
  redefine<SetHook>(adapter, 'setOnRequestHook', (set) => {
    return function (hook) {
      if (typeof hook !== 'function') return set.call(this, hook);
      return set.call(this, function (this: unknown, request: Request, response: ServerResponse, next: Next) {
        const scope = scopes.of(request, response);
        const { goOn, role } = nextInScope(scope, next);
        return handOver(scope, () => hook.call(this, request, response, goOn), role);
      });
    };
  });
  redefine<SetHook>(adapter, 'setOnResponseHook', (set) => {
    return function (hook) {
      if (typeof hook !== 'function') return set.call(this, hook);
      return set.call(this, function (this: unknown, request: Request, response: ServerResponse) {
        return enter(scopes.of(request, response), () => hook.call(this, request, response));
      });
    };
  });
}

function routerOf(application: Mountable): Router | undefined {
  return application.lazyrouter === undefined ? application.router : application._router;
}

/** @returns whether that is done, or will never be; as long as there is no layer, its class is not known */
function follow(mounted: Mountable): boolean {
  if (Array.isArray(mounted.stack)) return followLayers(mounted.stack);
  if (typeof mounted.set !== 'function') return true;
  const stack = routerOf(mounted)?.stack;
  return Array.isArray(stack) && followLayers(stack);
}

function followLayers([first]: readonly unknown[]): boolean {
  if (typeof first !== 'object' || first === null) return false;
  const prototype = Object.getPrototypeOf(first) as object | null; // of a class that Express does not give out
  if (prototype === null || followed.has(prototype)) return true;
  followed.add(prototype);
  for (const name of ['handleRequest', 'handle_request'])
    redefine<HandleRequest>(prototype, name, (handleRequest) => {
      return function (request, response, next) {
        const leads = this.route !== undefined;
        const layer = leads || scopeIn(request, response) === undefined ? this : shadowOf(this);
        return handleRequest.call(layer, request, response, next);
      };
    });
  for (const name of ['handleError', 'handle_error'])
    redefine<HandleError>(prototype, name, (handleError) => {
      return function (error, request, response, next) {
        const layer = scopeIn(request, response) === undefined ? this : shadowOf(this);
        return handleError.call(layer, error, request, response, next);
      };
    });
  return true;
}

/** By which a scope remembers the Express on which it was looked up last: every layer asks. Another copy of this package has its own. */
const FOUND_ON = Symbol('nestjs-resources:found-on');
type FoundScope = HttpLeaseScope & { [FOUND_ON]?: object };

/** That of the last application on this Express; all of them have one from then on. */
function scopeIn(request: Request, response: ServerResponse): HttpLeaseScope | undefined {
  const innermost: FoundScope | undefined = scopeOfRequest(request);
  if (innermost !== undefined && innermost[FOUND_ON] === request.app) return innermost;
  let scope: FoundScope | undefined;
  for (const scopes of scopesByApplication.get(request.app) ?? []) scope = scopes.of(request, response);
  if (scope !== undefined) scope[FOUND_ON] = request.app;
  return scope ?? innermost;
}

/** Hands over in the scopes of all applications on this Express, since any of them may have the route. @param scope the last's */
function handOverIn(
  scope: HttpLeaseScope,
  request: Request,
  response: ServerResponse,
  work: () => unknown,
  role: Role,
): unknown {
  const all = areShared ? scopesByApplication.get(request.app) : undefined;
  if (all === undefined || all.length === 1) return handOver(scope, work, role);
  return all.slice(0, -1).reduce(
    (inner, scopes) => () => handOver(scopes.of(request, response), inner, role),
    () => handOver(scope, work, role),
  )();
}

interface Shadow extends Layer {
  readonly original: Layer['handle'];
  /** Whether the layers that it leads to are followed. */
  followed: boolean;
}

function shadowOf(layer: Layer): Layer {
  const known = shadows.get(layer) as Shadow | undefined; // only this function adds to them
  const shadow = known?.original === layer.handle ? known : newShadowOf(layer);
  if (!shadow.followed) shadow.followed = follow(shadow.original);
  return shadow;
}

function newShadowOf(layer: Layer): Shadow {
  const { handle } = layer;
  const shadow = Object.create(layer, {
    original: { value: handle },
    handle: { value: handleInScope(handle) },
    followed: { value: false, writable: true },
  }) as Shadow; // a layer with these three
  shadows.set(layer, shadow);
  return shadow;
}

/** Express tells them apart by their length, too, and calls none with more parameters. */
function handleInScope(handle: Layer['handle']): Layer['handle'] {
  if (isErrorHandle(handle)) return errorInScope(handle);
  return handle.length < 4 ? requestInScope(handle) : handle;
}

function isErrorHandle(handle: Layer['handle']): handle is ErrorHandle {
  return handle.length === 4;
}

function requestInScope(handle: Handle): Handle {
  const place = placeOfHandler(handle);
  return (request, response, next) => {
    const scope = scopeIn(request, response);
    if (scope === undefined) return handle(request, response, next);
    if (place !== undefined) scope.place = place;
    const { app } = request;
    const { goOn, role } = nextInScope(scope, next);
    const result = handOverIn(scope, request, response, () => handle(request, response, goOn), role);
    if (request.app !== app) followFrom(request.app);
    return result;
  };
}

function errorInScope(handle: ErrorHandle): ErrorHandle {
  return (error, request, response, next) => {
    const scope = scopeIn(request, response);
    if (scope === undefined) return handle(error, request, response, next);
    const { goOn, role } = nextInScope(scope, next);
    return handOverIn(scope, request, response, () => handle(error, request, response, goOn), role);
  };
}

/**
 * An application that was mounted shows itself by the request that it works for: nothing leads to it, as Express wraps it in a
 * function. So what it calls at once for its first request is not counted; it runs in the request's context all the same.
 */
function followFrom(application: Mountable | undefined): void {
  for (let each = application; each !== undefined; each = each.parent) follow(each);
}
