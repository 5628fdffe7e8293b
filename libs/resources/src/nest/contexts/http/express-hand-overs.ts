import type { IncomingMessage, ServerResponse } from 'node:http';
import { handOver, inScope } from './hand-over.js';
import type { HttpLeaseScope } from './http-lease-scope.js';
import type { HttpScopes } from './http-scopes.js';
import { placeOfHandler } from './place-of-handler.js';
import { redefine } from './redefine.js';
import { scopeOfRequest } from './scope-of-request.js';

type Next = (error?: unknown) => void;
type Handle = (request: Request, response: ServerResponse, next: Next) => unknown;
type ErrorHandle = (error: unknown, request: Request, response: ServerResponse, next: Next) => unknown;

/** Node's request; Express records the application that it now belongs to. */
interface Request extends IncomingMessage {
  readonly app: object;
}

/** What a router of Express keeps of one middleware or route. */
interface Layer {
  handle: (Handle | ErrorHandle) & { readonly stack?: readonly Layer[] };
  /** Set where a layer only leads to a route's own layers. */
  readonly route?: unknown;
  handleRequest(...args: Parameters<Handle>): unknown;
  handleError(...args: Parameters<ErrorHandle>): unknown;
}

interface Application {
  readonly router: { readonly stack: readonly Layer[] };
  use(handle: Handle): unknown;
}

/** The scopes of the applications of this process that have this module. */
const scopesByApplication = new WeakMap<object, HttpScopes>();
const followed = new WeakSet<object>();
/** By layer, one like it that hands over in the scope of the request. */
const shadows = new WeakMap<Layer, Layer>();

/**
 * Stands where Express hands a request over: to every middleware, route and error handler, of nested routers too, mounted by Nest
 * or by the application itself, before this or after. All of them pass a layer, whose class Express keeps to itself; two
 * of its methods are replaced, once per process, by ones that check whose request it is.
 */
export function followExpress(application: unknown, scopes: HttpScopes): void {
  const { router } = application as Application; // the adapter says that it is one
  scopesByApplication.set(application as Application, scopes);
  if (router.stack.length === 0) (application as Application).use((_request, _response, next) => next());
  followLayers(router.stack);
}

function followLayers([first]: readonly Layer[]): void {
  if (first === undefined) return;
  const prototype = Object.getPrototypeOf(first) as Layer; // of a class that Express does not give out
  if (followed.has(prototype)) return;
  followed.add(prototype);
  redefine<Layer['handleRequest']>(prototype, 'handleRequest', (handleRequest) => {
    return function (this: Layer, request, response, next) {
      const leads = this.route !== undefined;
      const layer = leads || scopeIn(request, response) === undefined ? this : shadowOf(this);
      return handleRequest.call(layer, request, response, next);
    };
  });
  redefine<Layer['handleError']>(prototype, 'handleError', (handleError) => {
    return function (this: Layer, error, request, response, next) {
      const layer = scopeIn(request, response) === undefined ? this : shadowOf(this);
      return handleError.call(layer, error, request, response, next);
    };
  });
}

function scopeIn(request: Request, response: ServerResponse): HttpLeaseScope | undefined {
  return scopesByApplication.get(request.app)?.of(request, response) ?? scopeOfRequest(request);
}

interface Shadow extends Layer {
  readonly original: Layer['handle'];
}

function shadowOf(layer: Layer): Layer {
  const known = shadows.get(layer) as Shadow | undefined; // only this function adds to them
  if (known?.original === layer.handle) return known;
  const { handle } = layer;
  if (Array.isArray(handle.stack)) followLayers(handle.stack); // a router, perhaps of another copy of Express
  const shadow = Object.create(layer, {
    original: { value: handle },
    handle: { value: handleInScope(handle) },
  }) as Shadow; // a layer with these two
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
    return handOver(scope, () => handle(request, response, inScope(scope, next)));
  };
}

function errorInScope(handle: ErrorHandle): ErrorHandle {
  return (error, request, response, next) => {
    const scope = scopeIn(request, response);
    if (scope === undefined) return handle(error, request, response, next);
    return handOver(scope, () => handle(error, request, response, inScope(scope, next)));
  };
}
