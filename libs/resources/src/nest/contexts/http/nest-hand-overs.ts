import { types } from 'node:util';
import type { ArgumentsHost, CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { ExceptionsHandler } from '@nestjs/core/exceptions/exceptions-handler.js';
import { ExternalExceptionsHandler } from '@nestjs/core/exceptions/external-exceptions-handler.js';
import { InterceptorsConsumer } from '@nestjs/core/interceptors/interceptors-consumer.js';
import { RouterResponseController } from '@nestjs/core/router/router-response-controller.js';
import { isObservable, Observable } from 'rxjs';
import { replaceMethod } from '../../replace-method.js';
import { enter, whenSettled } from './hand-over.js';
import type { HttpLeaseScope } from './http-lease-scope.js';
import { operationOf } from './operation-of.js';
import { scopeOfArguments, scopeOfHost, scopeOfResponse } from './scope-of-request.js';
import { trackIterable, trackStream } from './track-body.js';
import { passOn, watchObservable } from './watch-observable.js';

type Method = (...args: never[]) => unknown;
type Intercept = (
  interceptors: NestInterceptor[],
  args: unknown[],
  instance: object,
  callback: Method,
  next: () => unknown,
  type: string,
) => unknown;
/** An exception filter as Nest keeps it. */
interface Filter {
  func(this: void, exception: unknown, host: ArgumentsHost): unknown;
}
type HandleException = (exception: unknown, host: ArgumentsHost) => unknown;
type SetFilters = (filters: Filter[]) => unknown;
type Send = (body: unknown, response: unknown, ...rest: unknown[]) => unknown;

/**
 * Stands where Nest hands a request over: from interceptor to interceptor, to pipes, parameters and the handler, to filters, and
 * with what they answered to the platform.
 *
 * Nest has no public place for this. An interceptor costs every request several microseconds and sees neither guards nor
 * filters; wrapping the handlers changes the application's classes. So a few methods of Nest's own are replaced,
 * once per process, by ones that do the same and check whose request it is, by the request's own scope, so that
 * an application without this module, or work that is not a request, passes as always.
 */
export function standBetweenHandOvers(): void {
  replaceMethod<Intercept>(InterceptorsConsumer.prototype, 'intercept', interceptInScope);
  for (const { prototype } of [ExceptionsHandler, ExternalExceptionsHandler]) {
    replaceMethod<SetFilters>(prototype, 'setCustomFilters', filterInScope);
    replaceMethod<HandleException>(prototype, 'next', judgeFirst);
  }
  replaceMethod<Send>(RouterResponseController.prototype, 'apply', (send) => sendInScope(send, trackStream));
  // Older Nests send no iterables.
  replaceMethod<Send>(RouterResponseController.prototype, 'stream', (send) =>
    sendInScope(send, trackIterable),
  );
  replaceMethod<Send>(RouterResponseController.prototype, 'sse', watchEvents);
}

function interceptInScope(original: Intercept): Intercept {
  const isNests = Function.prototype.toString.call(original).startsWith('async intercept(');
  return function (this: unknown, interceptors, args, instance, callback, next, type) {
    const scope = scopeOfArguments(args, type, instance);
    if (scope === undefined) return original.call(this, interceptors, args, instance, callback, next, type);
    const operation = type === 'graphql' ? operationOf(args[3]) : undefined;
    if (operation === undefined) scope.handledBy(instance, callback);
    else scope.place = operation;
    const none = !(interceptors?.length > 0);
    // Without interceptors, Nest's own method only passes on what the handler answers, three microtasks later, because it is async. It is
    // called all the same, so that it stands in the stack of an application's error, but the answer is returned beside it.
    let goesBeside = none && isNests;
    let answer: Promise<unknown> | undefined;
    const handler = (): Promise<unknown> | undefined => {
      const handled = handle(scope, callback, next);
      if (!goesBeside) return handled;
      answer = handled;
      return undefined;
    };
    const bound = none
      ? interceptors
      : interceptors.map((each, index) =>
          index < interceptors.length - 1 ? inScope(each) : lastInScope(each),
        );
    const passedOn = original.call(this, bound, args, instance, callback, handler, type);
    goesBeside = false;
    return answer ?? passedOn;
  };
}

/** Pipes, parameters and the handler: what works on when a time-out has ended the interceptors. */
async function handle(scope: HttpLeaseScope, callback: Method, next: () => unknown): Promise<unknown> {
  const turn = scope.handedOver();
  scope.workBegan();
  let value: unknown;
  try {
    value = await enter(scope, next);
    // A handler that returned nothing, and is not an async function, may go on in callbacks.
    if (value === undefined && !types.isAsyncFunction(callback)) scope.returned(turn);
  } catch (error) {
    scope.workFailed(error);
    throw error;
  } finally {
    scope.workSettled();
  }
  return isObservable(value) ? watchObservable(scope, value) : value;
}

/** What comes after an interceptor, in the scope of its request. */
type Rest = (scope: HttpLeaseScope, rest: () => Observable<unknown>) => Observable<unknown>;

const inScope = interceptorInScope(watchedRest);
/** The handler, which comes after the last interceptor, is seen to settle, and an Observable of its own is watched. */
const lastInScope = interceptorInScope(restInScope);

/** @returns what makes the same interceptor, which runs in the scope of its request, and goes on in it, from whatever callback it does */
function interceptorInScope(restOf: Rest): (interceptor: NestInterceptor) => NestInterceptor {
  const bound = new WeakMap<NestInterceptor, NestInterceptor>();
  return (interceptor) => {
    const known = bound.get(interceptor);
    if (known !== undefined) return known;
    const wrapper: NestInterceptor = {
      intercept(context: ExecutionContext, next: CallHandler) {
        const scope = scopeOfHost(context);
        if (scope === undefined) return interceptor.intercept(context, next);
        const handler: CallHandler = { handle: () => restOf(scope, () => next.handle()) };
        return enter(scope, () => interceptor.intercept(context, handler));
      },
    };
    bound.set(interceptor, wrapper);
    return wrapper;
  };
}

function restInScope(scope: HttpLeaseScope, handle: () => Observable<unknown>): Observable<unknown> {
  const rest = enter(scope, handle);
  return new Observable((subscriber) => enter(scope, () => rest.subscribe(subscriber)));
}

/**
 * Where other interceptors come first, they may work unseen: before the handler, after it, or beside it. An interceptor that
 * had a value and wants no more gave up nobody that is known to work. What they answer, they may answer from any callback.
 */
function watchedRest(scope: HttpLeaseScope, handle: () => Observable<unknown>): Observable<unknown> {
  return passOn(scope, enter(scope, handle), {
    ended: (completed, answered) => {
      if (!completed) scope.gaveUp(answered);
    },
  });
}

/** What guards, interceptors, pipes, parameters and handlers throw may have been fatal for what the request holds. */
function judgeFirst(original: HandleException): HandleException {
  return function (this: unknown, exception, host) {
    scopeOfHost(host)?.workFailed(exception);
    return original.call(this, exception, host);
  };
}

function filterInScope(original: SetFilters): SetFilters {
  return function (this: unknown, filters) {
    if (!Array.isArray(filters)) return original.call(this, filters); // it refuses them
    const wrapped = filters.map((filter) => ({
      ...filter,
      func: (exception: unknown, host: ArgumentsHost): unknown => {
        const scope = scopeOfHost(host);
        if (scope === undefined) return filter.func(exception, host);
        const result = enter(scope, () => filter.func(exception, host));
        if (!types.isPromise(result)) return result; // Nest waits for no other thenable
        scope.workBegan();
        return whenSettled(result, () => scope.workSettled());
      },
    }));
    return original.call(this, wrapped);
  };
}

/** Whoever is unsubscribed when the client of events leaves, interceptors too, may go on; Nest then ends the answer. */
function watchEvents(original: Send): Send {
  return function (this: unknown, events, response, ...rest) {
    const scope = scopeOfResponse(response);
    if (scope === undefined) return original.call(this, events, response, ...rest);
    const watched = (given: unknown): unknown =>
      isObservable(given) ? watchObservable(scope, given) : given;
    const given = types.isPromise(events) ? events.then(watched) : watched(events);
    return original.call(this, given, response, ...rest);
  };
}

/** @param track keeps the scope open for a body, and gives out what is to be sent in its place */
function sendInScope(original: Send, track: (scope: HttpLeaseScope, body: unknown) => unknown): Send {
  return function (this: unknown, body, response, ...rest) {
    const scope = scopeOfResponse(response);
    if (scope === undefined) return original.call(this, body, response, ...rest);
    scope.handedOver(); // the platform answers, whoever returned nothing before
    const tracked = track(scope, body);
    if (!scope.sends) scope.sendsValue();
    const sent = original.call(this, tracked, response, ...rest);
    // What was handed to Node needs nobody any more.
    if (scope.answered || !types.isPromise(sent)) return sent;
    scope.sendingBegan();
    return whenSettled(sent, () => scope.sendingSettled());
  };
}
