import type { Phase } from '../reports/phase.js';
import { describeCause } from '../words/describe-cause.js';
import { isInstance } from '../words/is-instance.js';
import { describeName } from '../words/describe-name.js';
import { ResourceCreationError } from './resource-creation-error.js';
import { UnavailableError } from './resource-error.js';

/** Most characters of why that is so: a chain of dependencies may be long. */
const LONGEST = 600;

/** A resource type can't start, or lends nothing, because a type that it depends on is not ready. The `cause` says why that is so. */
export class DependencyError extends UnavailableError {
  /** Which type is not ready, and why, as part of a sentence. */
  readonly situation: string;

  /**
   * @param dependency the type that it depends on
   * @param phase of the dependency; undefined when there is no such type any more
   * @param cause why the dependency is in that phase
   * @param owner the caller that gets the error, if any
   */
  constructor(
    type: string,
    readonly dependency: string,
    readonly phase: Phase | undefined,
    cause?: unknown,
    owner?: string,
  ) {
    const state = phase === undefined ? 'is not registered' : `is ${phase}`;
    const why = cause === undefined ? '' : `: ${reasonOf(cause)}`;
    const situation = describeName(
      `it depends on "${describeName(dependency)}", which ${state}${why}`,
      LONGEST,
    );
    const whom = owner === undefined ? '' : ` for ${describeName(owner)}`;
    super(
      `Resource type "${describeName(type)}" is not available${whom}: ${situation}. ` +
        `It comes back by itself when "${describeName(dependency)}" is ready; until then, look at what that connects to.`,
      { type, owner, cause },
    );
    this.situation = situation;
  }
}

/** Why a type is in trouble: the root of it, without the advice of the errors on the way, and without a full stop. */
export function reasonOf(cause: unknown): string {
  if (isInstance(cause, DependencyError)) return cause.situation;
  const root = isInstance(cause, ResourceCreationError) ? cause.cause : cause;
  const text = describeCause(root);
  return text.endsWith('.') ? text.slice(0, -1) : text;
}
