import { inspect, types } from 'node:util';
import type { PoolStats } from '../policies/pool-stats.js';

/** What every error of this package knows besides its message. */
export interface ResourceErrorDetails {
  /** The resource type, when one is concerned. */
  type?: string;
  /** The pool's state at the moment of the error. */
  stats?: PoolStats;
  /** Who asked. */
  owner?: string;
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
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.type = type;
    this.stats = stats;
    this.owner = owner;
  }
}

/** One line about a pool for an error message. */
export function describePool(stats: PoolStats): string {
  return (
    `max ${stats.max}: ${stats.leased} leased, ${stats.idle} idle, ` +
    `${stats.creating} being created, ${stats.pending} waiting`
  );
}

/**
 * The reason of a failure as text, whatever was thrown. Node's own connection errors have no
 * message when a host name has several addresses: then the code, or the parts, say it.
 */
export function describeCause(cause: unknown): string {
  if (typeof cause === 'string') return cause;
  if (!isError(cause)) return inspect(cause, { depth: 1, breakLength: Infinity });
  const { message, code, errors, name } = cause;
  if (message !== '') return message;
  if (typeof code === 'string') return code;
  return Array.isArray(errors) ? errors.map(describeCause).join('; ') : name;
}

/** Errors of another realm, such as Node's own under Jest, are no instances of this one's `Error`. */
function isError(value: unknown): value is Error & { code?: unknown; errors?: unknown } {
  return value instanceof Error || types.isNativeError(value);
}
