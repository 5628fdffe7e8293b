import { nameOf } from '../../discovery/class-of.js';

/** A function or a class, nothing of which is trusted. */
export interface Named {
  readonly name: unknown;
}

/** Where a route handler is: some Nests name theirs `Controller.method`. Fastify binds them. */
export function placeOfHandler({ name }: Named): string | undefined {
  return typeof name === 'string' && name.includes('.') ? name.replace(/^(?:bound )+/, '') : undefined;
}

/** By method and class: to ask both for their names costs more than to borrow. */
const places = new WeakMap<object, WeakMap<object, string>>();
const UNKNOWN = {};

/** Where a route handler is: a method and its class. */
export function placeOfMethod(owner: Named | undefined, method: Named): string {
  let ofMethod = places.get(method);
  if (ofMethod === undefined) places.set(method, (ofMethod = new WeakMap()));
  let place = ofMethod.get(owner ?? UNKNOWN);
  if (place === undefined) ofMethod.set(owner ?? UNKNOWN, (place = `${nameOf(owner)}.${nameOf(method)}`));
  return place;
}
