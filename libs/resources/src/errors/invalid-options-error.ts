import { describeName } from '../words/describe-name.js';
import { ResourceError } from './resource-error.js';

/** Most characters of what is wrong with it. */
const LONGEST_PROBLEM = 1_000;

/** An option, a factory or an argument that cannot work. Thrown before anything starts. */
export class InvalidOptionsError extends ResourceError {
  /**
   * @param option the option's full name, such as `resources.pg.pool.max`
   * @param problem what is wrong and what would be right, to follow the option's name
   * @param cause what was thrown where it was tried
   */
  constructor(
    readonly option: string,
    problem: string,
    type?: string,
    cause?: unknown,
  ) {
    super(`"${describeName(option)}" ${describeName(problem, LONGEST_PROBLEM)}`, { type, cause });
  }
}
