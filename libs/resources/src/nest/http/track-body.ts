import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import type { LeaseScope } from '../../coordinator/lease-scope.js';

/**
 * Keeps a scope open for the body that a handler returned, until the body has stopped working: after a
 * client hung up, a generator still finishes the step it is in, and a stream still closes what it reads from.
 */
export function trackBody(scope: LeaseScope, body: unknown): void {
  if (body instanceof StreamableFile) trackStream(scope, body.getStream());
  else if (body instanceof Readable) trackStream(scope, body);
  else if (isAsyncIterator(body)) trackIterator(scope, body);
}

function trackStream(scope: LeaseScope, stream: Readable): void {
  if (stream.closed) return;
  scope.enter();
  stream.once('close', () => scope.leave());
}

function isAsyncIterator(body: unknown): body is AsyncIterator<unknown> {
  return (
    typeof body === 'object' &&
    body !== null &&
    Symbol.asyncIterator in body &&
    'next' in body &&
    typeof body.next === 'function'
  );
}

/** From its first step until it is done, returned or has thrown. */
function trackIterator(scope: LeaseScope, iterator: AsyncIterator<unknown>): void {
  let working = false;
  const start = (): void => {
    if (!working) scope.enter();
    working = true;
  };
  const stop = (): void => {
    if (working) scope.leave();
    working = false;
  };
  const next = iterator.next.bind(iterator);
  const finish = iterator.return?.bind(iterator);
  iterator.next = (...values) => {
    start();
    const step = next(...values);
    step.then(({ done }) => {
      if (done === true) stop();
    }, stop);
    return step;
  };
  if (finish === undefined) return;
  iterator.return = (value) => {
    const end = finish(value);
    end.then(stop, stop);
    return end;
  };
}
