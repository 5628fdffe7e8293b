import { types } from 'node:util';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { isObject } from '../hooks/is-object.js';

/**
 * Refuses what work has returned that begins only when somebody subscribes to it, or asks it for its first value: after the commit.
 *
 * @param option what has returned it
 * @throws InvalidOptionsError
 */
export function refuseLateWork(result: unknown, option: string, type?: string): void {
  const late = lateWorkIn(result);
  if (late !== undefined)
    throw new InvalidOptionsError(
      option,
      `returned ${late}, whose work would be done after the commit. Return a promise of what it brings.`,
      type,
    );
}

function lateWorkIn(result: unknown): string | undefined {
  if (types.isGeneratorObject(result)) return 'a generator';
  try {
    const isObservable = isObject(result) && OF_OBSERVABLES.every((name) => isFunction(result, name));
    return isObservable ? 'an Observable' : undefined;
  } catch {
    return undefined; // it lets nobody look
  }
}

/** By which RxJS, too, knows those of another copy of it. */
const OF_OBSERVABLES = ['lift', 'subscribe'];

function isFunction(owner: object, name: string): boolean {
  return typeof Reflect.get(owner, name) === 'function';
}
