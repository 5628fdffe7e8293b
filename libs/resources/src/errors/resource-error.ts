import type { PoolStats } from '../reports/pool-stats.js';
import { isError } from '../words/describe-cause.js';
import { readableCause } from '../words/readable-cause.js';
import { isA } from '../words/is-a.js';

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

/** What an error of this package is known by, whichever copy of the package has made it. */
export const RESOURCE_ERROR = Symbol.for('nestjs-resources:error:1');

/**
 * The base of all errors of this package: one `catch` finds them all. The message says what
 * happened, in which pool and state, and what to change; the fields carry the same for programs.
 *
 * It has the two methods of Nest's `HttpException`, so that an exception filter which catches everything can answer with any of them.
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

  /** The status of the answer over HTTP: 500, because the application has made a mistake, or 503 for an {@link UnavailableError}. */
  getStatus(): number {
    return 500;
  }

  /** The body of the answer over HTTP. It names no internals but the pool that could not lend. */
  getResponse(): object {
    return { statusCode: this.getStatus(), message: 'Internal server error' };
  }
}

Object.defineProperty(ResourceError.prototype, RESOURCE_ERROR, { value: true });

/**
 * The base of all errors that tell of the moment, not of a mistake: a pool or a cache could not lend, and may be able to when it is
 * asked again.
 */
export abstract class UnavailableError extends ResourceError {
  /** Whole seconds, at least 1, after which a client may ask again: what belongs in the header `Retry-After`. */
  get retryAfter(): number {
    return 1;
  }

  override getStatus(): number {
    return 503;
  }

  override getResponse(): object {
    const pool = this.type ?? '';
    return {
      statusCode: this.getStatus(),
      error: this.name,
      pool,
      message: `No resource of pool "${pool}" is available now. Try again later.`,
    };
  }
}

/** Whether it tells of the moment and has an answer for clients, whichever copy of the package has made it. */
export function isUnavailable(error: unknown): error is UnavailableError {
  if (isA(error, UnavailableError)) return true;
  if (!isError(error)) return false;
  try {
    const { [RESOURCE_ERROR]: isOurs, retryAfter, getStatus, getResponse } = error as Error & Foreign;
    const answers = typeof getStatus === 'function' && typeof getResponse === 'function';
    return isOurs === true && typeof retryAfter === 'number' && answers;
  } catch {
    return false; // whatever it is, it is not ours
  }
}

/** What an error of another copy has, as far as it is like ours. */
type Foreign = Readonly<
  Partial<Record<typeof RESOURCE_ERROR | 'retryAfter' | 'getStatus' | 'getResponse', unknown>>
>;

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
