import { describeName } from '../words/describe-name.js';
import { ResourceError } from './resource-error.js';

/** Most characters of a path, and of what is wrong there. */
const LONGEST = 500;

/** A backup that can't be restored here: it is damaged, or tells of what there is not. Nothing was changed. */
export class InvalidBackupError extends ResourceError {
  /**
   * @param path where the fault is: `resources[0].options.max`
   * @param problem what is wrong and what would be right, to follow the path
   */
  constructor(
    readonly path: string,
    problem: string,
    type?: string,
  ) {
    super(
      `The backup can't be restored, and nothing was changed: "${describeName(path, LONGEST)}" ${describeName(problem, LONGEST)}`,
      { type },
    );
  }
}
