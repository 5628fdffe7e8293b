import { types } from 'node:util';
import { isObservable } from 'rxjs';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';

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
    return isObservable(result) ? 'an Observable' : undefined;
  } catch {
    return undefined; // it lets nobody look
  }
}
