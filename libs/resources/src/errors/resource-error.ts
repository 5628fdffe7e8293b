import type { PoolStats } from '../reports/pool-stats.js';
import { readableCause } from './readable-cause.js';

/** What every error of this package knows besides its message. */
export interface ResourceErrorDetails {
  /** The resource type concerned, if there is one. */
  type?: string;
  /** The pool's state at the moment of the error. */
  stats?: PoolStats;
  /** The caller. */
  owner?: string;
  /** What was thrown. An error carries it only if it can be printed, or else an error that describes it. */
  cause?: unknown;
}

/**
 * The base of all errors of this package: one `catch` finds them all. The message says what
 * happened, in which pool and state, and what to change; the fields carry the same for programs.
 */
export abstract class ResourceError extends Error {
  readonly type: string | undefined;
  readonly stats: PoolStats | undefined;
  readonly owner: string | undefined;

  protected constructor(message: string, { type, stats, owner, cause }: ResourceErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause: readableCause(cause) });
    this.name = new.target.name;
    this.type = textOrNothing(type);
    this.stats = stats;
    this.owner = textOrNothing(owner);
  }
}

/** A name may come from code that no compiler has checked, and an error must be printable whatever it is. */
function textOrNothing(name: unknown): string | undefined {
  return typeof name === 'string' ? name : undefined;
}

/** One line about a pool for an error message. */
export function describePool(stats: PoolStats): string {
  return (
    `max ${stats.max}: ${stats.leased} leased, ${stats.idle} idle, ` +
    `${stats.creating} being created, ${stats.pending} waiting`
  );
}
