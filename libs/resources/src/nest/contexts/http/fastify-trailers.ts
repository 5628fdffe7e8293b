import { isThenable } from '../../../hooks/is-thenable.js';
import { inScope, whenSettled } from './hand-over.js';
import { redefine } from './redefine.js';
import { scopeOfResponse } from './scope-of-request.js';

type Trailer = (
  this: unknown,
  reply: unknown,
  payload: unknown,
  done: (...args: unknown[]) => void,
) => unknown;
type SetTrailer = (this: object, name: unknown, trailer: unknown) => unknown;

const followed = new WeakSet<object>();

/**
 * Stands where Fastify asks for what it sends after a body. Whoever makes a trailer works for the request when its answer has been
 * given, and nothing but the reply knows of it: so the method by which it is set is replaced, once for each copy of Fastify.
 *
 * @param reply any reply
 */
export function followTrailers(reply: object): void {
  const prototype = ownerOf(reply, 'trailer');
  if (prototype === undefined || followed.has(prototype)) return;
  followed.add(prototype);
  redefine<SetTrailer>(prototype, 'trailer', (set) => {
    return function (name, trailer) {
      return set.call(this, name, typeof trailer === 'function' ? inScopeOf(trailer as Trailer) : trailer);
    };
  });
}

function ownerOf(object: object, name: string): object | undefined {
  let owner: object | null = object;
  while (owner !== null && !Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner) as object | null;
  return owner ?? undefined;
}

/** Its work counts until it has settled or called back; Fastify takes the first of these. */
function inScopeOf(trailer: Trailer): Trailer {
  return function (reply, payload, done) {
    const scope = scopeOfResponse(reply);
    if (scope === undefined) return trailer.call(this, reply, payload, done);
    let working = true;
    const settled = (): void => {
      if (working) scope.workSettled();
      working = false;
    };
    scope.workBegan();
    const goOn = inScope(scope, (...args: unknown[]) => {
      done(...args);
      settled();
    });
    try {
      const result = inScope(scope, () => trailer.call(this, reply, payload, goOn))();
      return isThenable(result) ? whenSettled(result, settled) : result;
    } catch (error) {
      settled();
      throw error;
    }
  };
}
