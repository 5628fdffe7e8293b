import { describeName } from '../words/describe-name.js';
import { ResourceError } from './resource-error.js';

/** A resource type was still starting when its time, or that of the whole start, was up. */
export class StartTimeoutError extends ResourceError {
  /**
   * @param timeout milliseconds: the time that was up
   * @param whole whether it was that of the whole start
   */
  constructor(
    type: string,
    readonly timeout: number,
    readonly whole: boolean,
  ) {
    super(
      `Resource type "${describeName(type)}" was still starting when the "startTimeout" of ` +
        `${whole ? 'the coordinator' : 'the type'}, ${timeout} ms, was up. ` +
        `Check what its factory connects to, lower its "min", or raise "startTimeout".`,
      { type },
    );
  }
}
