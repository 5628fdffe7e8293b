import { describeName } from '../words/describe-name.js';
import { ResourceError } from './resource-error.js';

/** The type is changing its generation, and what is to be changed next would be changed back with it. */
export class ReconfigurationInProgressError extends ResourceError {
  constructor(type: string) {
    super(
      `"${describeName(type)}" is being reconfigured already. Wait for the promise of that reconfigure(), or abort its "signal", and try again.`,
      { type },
    );
  }
}
