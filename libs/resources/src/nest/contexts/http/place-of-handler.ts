import { nameOf } from '../../discovery/class-of.js';

/** A function or a class, nothing of which is trusted. */
export interface Named {
  readonly name: unknown;
}

/** Where a route handler is: some Nests name theirs `Controller.method`. Fastify binds them. */
export function placeOfHandler({ name }: Named): string | undefined {
  return typeof name === 'string' && name.includes('.') ? name.replace(/^(?:bound )+/, '') : undefined;
}

/** Where a route handler is: a method and its class. */
export function placeOfMethod(owner: Named | undefined, method: Named): string {
  return `${nameOf(owner)}.${nameOf(method)}`;
}
