import { isThenable } from '../../../hooks/is-thenable.js';
import { inScope, whenSettled } from './hand-over.js';
import type { HttpLeaseScope } from './http-lease-scope.js';
import { redefine } from './redefine.js';
import { scopeOfResponse } from './scope-of-request.js';
import { trackStream } from './track-body.js';

type Trailer = (
  this: unknown,
  reply: unknown,
  payload: unknown,
  done: (...args: unknown[]) => void,
) => unknown;
type SetTrailer = (this: object, name: unknown, trailer: unknown) => unknown;
type Then = (this: object, resolved: unknown, rejected: unknown) => unknown;
type Send = (this: object, payload: unknown) => unknown;

const followed = new WeakSet<object>();

/**
 * Stands where whoever works for a request turns to Fastify's reply: to send by it, to wait for it, to have a trailer made after the body.
 * Nothing but the reply knows of these, so the methods are replaced, once for each copy of Fastify.
 *
 * @param reply any reply
 */
export function followReplies(reply: object): void {
  const prototype = ownerOf(reply, 'trailer');
  if (prototype === undefined || followed.has(prototype)) return;
  followed.add(prototype);
  redefine<SetTrailer>(prototype, 'trailer', (set) => {
    return function (name, trailer) {
      return set.call(this, name, typeof trailer === 'function' ? inScopeOf(trailer as Trailer) : trailer);
    };
  });
  redefine<Then>(prototype, 'then', (then) => {
    return function (resolved, rejected) {
      scopeOfResponse(this)?.waitsForReply();
      return then.call(this, resolved, rejected);
    };
  });
  redefine<Send>(prototype, 'send', (send) => {
    return function (payload) {
      const scope = scopeOfResponse(this);
      if (scope !== undefined && !scope.ended) sending(scope, payload);
      return send.call(this, payload);
    };
  });
}

function sending(scope: HttpLeaseScope, payload: unknown): void {
  scope.answers();
  if (scope.sends) return;
  trackStream(scope, payload);
  if (!scope.sends) scope.sendsValue();
}

function ownerOf(object: object, name: string): object | undefined {
  let owner: object | null = object;
  while (owner !== null && !Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner) as object | null;
  return owner ?? undefined;
}

/** Its work counts until it has settled or called back; Fastify takes the first of these. What does neither works unseen. */
function inScopeOf(trailer: Trailer): Trailer {
  return function (reply, payload, done) {
    const scope = scopeOfResponse(reply);
    if (scope === undefined) return trailer.call(this, reply, payload, done);
    let called = false;
    const goOn = inScope(scope, (...args: unknown[]) => {
      called = true;
      return done(...args);
    });
    const result = inScope(scope, () => trailer.call(this, reply, payload, goOn))();
    if (isThenable(result)) {
      scope.workBegan();
      return whenSettled(result, () => scope.workSettled());
    }
    if (!called) scope.sendsUnseen();
    return result;
  };
}
