import type { UnitOfWork } from '../hooks/loan-hooks.js';
import { checkSignal } from '../hooks/abort-signals.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { HIGHEST_PRIORITY } from '../policies/queue/queue-order.js';
import { describeValue } from '../words/describe-value.js';
import type { ReserveName } from './sizing/reserve-options.js';
import { type Duration, parseDuration } from '../time/duration.js';

/** What one `acquire` may ask for. */
export interface AcquireOptions {
  /** Gives up when aborted, in whatever phase. A signal of another realm, or a polyfill's, will do. */
  signal?: AbortSignal;
  /** Most time until the lease, in place of the pool's `acquireTimeout`. More than 0. */
  timeout?: Duration;
  /** The caller, for reports and errors. Default `'anonymous'`. */
  owner?: string;
  /** For whom: what `quota.max` and the fair order of the queue count. Default: the owner. */
  tenant?: string;
  /** With `queue.order: 'priority'`, a whole number from 0 to 9: higher is served first. Default 0. */
  priority?: number;
  /** Which of the pool's reserved places may be used, if nothing is idle: `'health'`, those of `reserve.health`. Default: none. */
  reserve?: ReserveName;
  /** @internal What it is for: the coordinator's scope. */
  unit?: UnitOfWork;
}

/** Options of an acquisition that never waits. */
export interface TryAcquireOptions extends Pick<AcquireOptions, 'owner' | 'tenant'> {
  /** @internal As {@link AcquireOptions.unit}. */
  unit?: UnitOfWork;
}

/**
 * Checks who asks, and for whom.
 *
 * @throws InvalidOptionsError if one of them is not a string
 */
export function checkNames(owner: unknown, tenant: unknown, type?: string): void {
  if (typeof owner !== 'string')
    throw new InvalidOptionsError('owner', `${NOT_A_STRING}${describeValue(owner)}.`, type);
  if (typeof tenant !== 'string')
    throw new InvalidOptionsError('tenant', `${NOT_A_STRING}${describeValue(tenant)}.`, type);
}

const NOT_A_STRING = 'must be a string; got ';

/** Checks who asks, for whom, and until when. @throws InvalidOptionsError, and TypeError if the options are no object */
export function checkCall(
  options: unknown,
  owner: unknown,
  tenant: unknown,
  type: string,
  signal?: unknown,
): void {
  if (typeof options !== 'object') throw new TypeError('no object');
  if (typeof owner !== 'string' || typeof tenant !== 'string') checkNames(owner, tenant, type);
  if (signal !== undefined) checkSignal(signal, type);
}

/** @throws InvalidOptionsError if it is not the name of a resource type */
export function checkType(type: unknown): void {
  if (typeof type === 'string' && type !== '') return;
  throw new InvalidOptionsError('type', `must be a non-empty string; got ${describeValue(type)}.`);
}

/** @throws InvalidOptionsError if it is not a function */
export function checkWork(work: unknown, type?: string): void {
  if (typeof work === 'function') return;
  throw new InvalidOptionsError('work', `must be a function; got ${describeValue(work)}.`, type);
}

/**
 * @returns milliseconds
 * @throws InvalidOptionsError if it is not a duration, or 0
 */
export function readTimeout(timeout: Duration, type?: string): number {
  const limit = parseDuration(timeout, 'timeout', type);
  if (limit > 0) return limit;
  throw new InvalidOptionsError('timeout', 'must be more than 0; tryAcquire() never waits.', type);
}

/** @throws InvalidOptionsError */
export function checkPriority(priority: number, type: string): void {
  if (Number.isInteger(priority) && priority >= 0 && priority <= HIGHEST_PRIORITY) return;
  const problem = `must be a whole number from 0 to ${HIGHEST_PRIORITY}; got ${describeValue(priority)}.`;
  throw new InvalidOptionsError('priority', problem, type);
}
