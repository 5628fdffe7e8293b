import { errorMonitor } from 'node:events';
import { finished, Readable, Stream } from 'node:stream';
import { types } from 'node:util';
import { StreamableFile } from '@nestjs/common';
import { isObject } from '../../../hooks/is-object.js';
import { afterTurn } from '../../../time/after-turn.js';
import { promiseOf, whenSettled } from './hand-over.js';
import type { HttpLeaseScope } from './http-lease-scope.js';
import { isA } from '../../../words/is-a.js';

/**
 * Keeps a scope open for a body that is a stream, until the stream has stopped working: after a client hung up, it still
 * closes what it reads from.
 *
 * @returns the body
 */
export function trackStream(scope: HttpLeaseScope, body: unknown): unknown {
  const stream = streamOf(body);
  if (stream !== undefined) {
    scope.sendsSeen();
    whenOver(stream, scope);
  } else if (worksUnseen(body)) scope.sendsUnseen();
  return body;
}

/**
 * Keeps a scope open for a body that is an iterable, from its first step on: after a client hung up, a generator still finishes the
 * step that it is in. Nothing of the iterable is changed: the platform gets an object that passes on what it reads of one.
 *
 * @returns what is to be sent
 */
export function trackIterable(scope: HttpLeaseScope, body: unknown): unknown {
  if (streamOf(body) !== undefined) return trackStream(scope, body);
  if (isIterable(body)) {
    scope.sendsSeen();
    return new TrackedIterable(scope, body);
  }
  scope.sendsUnseen(); // a web stream or a web Response, or what can't be looked into
  return body;
}

function streamOf(body: unknown): Stream | undefined {
  if (isA(body, Stream)) return body;
  // One that makes its stream anew each time it is asked must not be asked.
  if (!isA(body, StreamableFile) || body.getStream !== StreamableFile.prototype.getStream) return undefined;
  const stream: unknown = body.getStream();
  return isA(stream, Stream) ? stream : undefined;
}

/** Whether a platform may read the body for some time, in a way that can't be seen here. */
function worksUnseen(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false;
  if (types.isProxy(body)) return true;
  const { pipe, getReader } = body as Record<string, unknown>; // looked at, not trusted
  if (typeof pipe === 'function' || typeof getReader === 'function') return true;
  // Nearly every answer is a plain object, and to look for the global class costs.
  if (Object.getPrototypeOf(body) === Object.prototype) return false;
  return isA(body, StreamableFile) || isA(body, Response);
}

/** By whatever comes first of all that can tell. No listener here handles an error: a stream without a handler must report it as always. */
function whenOver(stream: Stream & Told, scope: HttpLeaseScope): void {
  let open = true;
  const over = (): void => {
    if (!open) return;
    open = false;
    if (stream.errored !== undefined && stream.errored !== null) scope.workFailed(stream.errored);
    if (leavesWork(stream)) scope.gaveUpUnseen();
    else if (stream.readableEnded === true) scope.sendsAll();
    scope.workSettled();
  };
  scope.workBegan();
  stream.once('close', over);
  // Of a stream that will be closed, the end is not the last that it does.
  if (isA(stream, Readable)) finished(stream, { error: false, writable: false }, over);
  else stream.once('end', over);
  if (!closesItself(stream)) stream.once(errorMonitor, over);
  // A turn later, whoever destroys it at that end has done so.
  scope.whenSent(() =>
    afterTurn(() => {
      if (!open || willTell(stream)) return;
      if (stream.destroyed !== false && stream.closed !== true) scope.gaveUpUnseen();
      over();
    }),
  );
}

/** What a stream tells of itself. */
interface Told {
  readonly readableEnded?: boolean;
  readonly errored?: Error | null;
  readonly writableFinished?: boolean;
  readonly closed?: boolean;
  readonly destroyed?: boolean;
  readonly readableDidRead?: boolean;
  readonly _destroy?: unknown;
  readonly _readableState?: { readonly reading?: boolean; readonly emitClose?: boolean };
}

/** Whether a stream whose answer is sent or given up still tells of its own end. Some emit nothing when they are destroyed. */
function willTell({ _readableState, destroyed, readableDidRead }: Told): boolean {
  const begun = destroyed === true || readableDidRead !== false;
  return begun && _readableState?.emitClose === true;
}

/**
 * Whether a stream that is over before its end leaves somebody at work who can't be seen: who writes into it, such as a cursor
 * that is piped into a format, or who pushes into it, or its own `read`, where nothing waits for that when it is destroyed.
 */
function leavesWork(stream: Stream & Told): boolean {
  if (stream.readableEnded === true) return false;
  if (stream.writableFinished !== undefined) return !stream.writableFinished;
  return (stream.errored ?? undefined) === undefined && stream._destroy === Readable.prototype._destroy;
}

function closesItself(stream: Stream): boolean {
  const { emitClose, autoDestroy } =
    (stream as { _readableState?: { emitClose?: boolean; autoDestroy?: boolean } })._readableState ?? {};
  return emitClose === true && autoDestroy === true;
}

type Iterable = AsyncIterable<unknown> & Partial<Pick<Readable, 'destroy'>>;

/** Neither a web stream, which is read by its reader, nor a thenable, which stands for what it resolves to. */
function isIterable(body: unknown): body is Iterable {
  if (typeof body !== 'object' || body === null || types.isProxy(body)) return false;
  const { getReader, then, [Symbol.asyncIterator]: iterate } = body as Record<string | symbol, unknown>; // looked at, not trusted
  return typeof iterate === 'function' && typeof getReader !== 'function' && typeof then !== 'function';
}

/** What the platform reads of an iterable. */
class TrackedIterable implements AsyncIterable<unknown> {
  constructor(
    private readonly scope: HttpLeaseScope,
    private readonly body: Iterable,
  ) {}

  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    return new TrackedIterator(this.scope, this.body[Symbol.asyncIterator]());
  }

  /** Nest calls it where a body has it. */
  destroy(): void {
    this.body.destroy?.();
  }
}

/** Works from its first step until it is done, returned or has thrown, and no step is on its way. */
class TrackedIterator implements AsyncIterator<unknown> {
  private working = false;
  private over = false;
  private steps = 0;

  constructor(
    private readonly scope: HttpLeaseScope,
    private readonly iterator: AsyncIterator<unknown>,
  ) {}

  next(...values: [] | [unknown]): Promise<IteratorResult<unknown>> {
    if (!this.working && !this.over) {
      this.working = true;
      this.scope.workBegan();
    }
    return this.step(() => this.iterator.next(...values));
  }

  return(value?: unknown): Promise<IteratorResult<unknown>> {
    this.over = true;
    return this.step(async () => (await this.iterator.return?.(value)) ?? { done: true, value });
  }

  private step(take: () => unknown): Promise<IteratorResult<unknown>> {
    this.steps++;
    let taken: unknown;
    try {
      taken = take();
    } catch (error) {
      taken = Promise.reject(error);
    }
    const settled = promiseOf(taken).then(
      (result) => {
        if (isDone(result)) {
          if (!this.over) this.scope.sendsAll(); // and was not told to stop
          this.over = true;
        }
        return result;
      },
      (error: unknown) => {
        this.over = true;
        this.scope.workFailed(error);
        throw error;
      },
    );
    return whenSettled(settled, () => this.stepTaken()) as Promise<IteratorResult<unknown>>; // or whatever it is: the platform looks
  }

  private stepTaken(): void {
    this.steps--;
    if (!this.over || this.steps > 0 || !this.working) return;
    this.working = false;
    this.scope.workSettled();
  }
}

/** The platform can't go on with what is not a result, or can't be looked at; and its end need not be `true`. */
function isDone(result: unknown): boolean {
  try {
    return !isObject(result) || Boolean((result as { done?: unknown }).done);
  } catch {
    return true;
  }
}
