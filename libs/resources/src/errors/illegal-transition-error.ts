import type { Phase } from '../reports/phase.js';
import { describeName } from '../words/describe-name.js';
import { ResourceError } from './resource-error.js';

/** A coordinator or a resource type was to enter a phase that does not follow the one that it is in. */
export class IllegalTransitionError extends ResourceError {
  /** @param type the resource type; undefined of the coordinator itself */
  constructor(
    readonly from: Phase,
    readonly to: Phase,
    type?: string,
  ) {
    const what = type === undefined ? 'The coordinator' : `Resource type "${describeName(type)}"`;
    super(
      `${what} is ${from}, and what is ${from} can't become ${to}. ` +
        `A life goes from its start to its end once: make a new coordinator, or register the type anew.`,
      { type },
    );
  }
}
