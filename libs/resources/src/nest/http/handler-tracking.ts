import 'reflect-metadata';
import type { Type } from '@nestjs/common';
import { currentScope } from '../../coordinator/current-scope.js';
import { HttpLeaseScope } from './http-lease-scope.js';
import { trackBody } from './track-body.js';

type Handler = (this: unknown, ...args: unknown[]) => unknown;

/** Nest's key for a handler's path; only handlers have it. */
const PATH_METADATA = 'path';

const tracked = new WeakSet<Handler>();

/**
 * Makes the handlers of a controller tell their request's scope when they have settled. A time-out or an
 * aborted request ends the response while the handler still works; only the handler's own promise says
 * when it has stopped. An interceptor cannot see that, and costs every request several microseconds.
 *
 * It changes the class in place, once per process: a handler finds its scope through the context.
 */
export function trackHandlers(controller: Type<unknown>): void {
  let prototype = controller.prototype as object | null;
  while (prototype !== null && prototype !== Object.prototype) {
    for (const name of Reflect.ownKeys(prototype)) {
      const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
      const handler: unknown = descriptor?.value;
      if (typeof handler !== 'function' || !Reflect.hasMetadata(PATH_METADATA, handler)) continue;
      if (tracked.has(handler as Handler)) continue;
      Object.defineProperty(prototype, name, {
        ...descriptor,
        value: track(handler as Handler),
      });
    }
    prototype = Object.getPrototypeOf(prototype) as object | null;
  }
}

function track(handler: Handler): Handler {
  const { name } = handler;
  const wrapper: Handler = function (...args) {
    const scope = currentScope.getStore();
    if (!(scope instanceof HttpLeaseScope)) return handler.apply(this, args);
    scope.place = `${(this as object).constructor.name}.${name}`; // not every Nest names its routes
    const result = handler.apply(this, args);
    if (isPromise(result)) {
      scope.trackHandler(result.then((body) => trackBody(scope, body)));
    } else {
      scope.trackHandler(undefined);
      trackBody(scope, result);
    }
    return result;
  };
  copyIdentity(handler, wrapper);
  tracked.add(wrapper);
  return wrapper;
}

/** Gives a wrapper all that decorators and frameworks read from a function: name, length, own properties, metadata. */
export function copyIdentity(from: object, to: object): void {
  for (const key of Reflect.ownKeys(from)) {
    const descriptor = Object.getOwnPropertyDescriptor(from, key);
    const present = Object.getOwnPropertyDescriptor(to, key);
    if (descriptor !== undefined && present?.configurable !== false)
      Object.defineProperty(to, key, descriptor);
  }
  for (const key of Reflect.getOwnMetadataKeys(from)) {
    Reflect.defineMetadata(key, Reflect.getOwnMetadata(key, from), to);
  }
}

export function isPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise;
}
