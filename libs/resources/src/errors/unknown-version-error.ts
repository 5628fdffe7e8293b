import { quoteName } from '../words/describe-name.js';
import { ResourceError } from './resource-error.js';

/** A version of a type's configuration that can't be gone back to: it is not kept, or was never in force. */
export class UnknownVersionError extends ResourceError {
  /**
   * @param version that was asked for; undefined for the one before the last change
   * @param known the versions that can be gone back to
   * @param current the one in force
   */
  constructor(
    type: string,
    readonly version: number | undefined,
    readonly known: readonly number[],
    readonly current: number,
  ) {
    const name = quoteName(type);
    const kept = `Known: ${known.join(', ')}; version ${current} is in force.`;
    super(
      version === undefined
        ? `The configuration of ${name} has not been changed, and so there is none to go back to. ${kept}`
        : `There is no version ${version} of the configuration of ${name} to go back to: it never was in force, or is not kept any more. ${kept}`,
      { type },
    );
  }
}
