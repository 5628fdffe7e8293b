import { describeName } from '../../words/describe-name.js';
import { type DecoratedMethod, placeOfMethod } from '../decorators/cached-method.js';

/**
 * Whether another function stands where the decorators of this package have seen a method: another decorator has put it there, a
 * constructor, or a test. A subclass that overrides the method replaces nothing.
 */
export function isReplaced(instance: object, { name, prototype }: DecoratedMethod): boolean {
  let holder: object | null = instance;
  while (holder !== null && !Object.hasOwn(holder, name))
    holder = Object.getPrototypeOf(holder) as object | null;
  return holder === instance || holder === prototype;
}

/** A line of log about such a method. */
export function describeReplaced(owner: object, decorated: DecoratedMethod): string {
  const decorator = decorated.cached === undefined ? '@Evicts()' : '@Cached()';
  return (
    `${decorator} of ${describeName(placeOfMethod(owner, decorated))} does nothing: another decorator, the constructor or a test has put ` +
    `another function in the place of the method. Write ${decorator} above decorators that do so.`
  );
}
