import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { readTimeout } from '../pool/acquire-options.js';
import type { Lease } from '../pool/leases/lease.js';
import type { Clock } from '../time/clock.js';
import { describeValue } from '../words/describe-value.js';
import type { BorrowOptions } from '../scopes/borrow-options.js';

/** Lends one resource of a type. */
interface Lender {
  /** @throws for a type that can't be had, before anything is borrowed */
  check(type: string): unknown;
  acquire(type: string, options: BorrowOptions): Promise<Lease<unknown>>;
}

/**
 * Borrows one of each type, all or none, within one deadline. They are taken in one fixed order, whatever
 * order is asked for, so that two callers can't each hold what the other waits for.
 *
 * @returns the leases in the order asked for
 * @throws InvalidOptionsError when a type is named twice, and whatever `acquire` throws; then what was
 * borrowed before is given back
 */
export async function acquireAll(
  types: readonly string[],
  options: BorrowOptions,
  clock: Clock,
  lender: Lender,
): Promise<Lease<unknown>[]> {
  checkTypes(types);
  for (const type of types) lender.check(type);
  const order = types.toSorted();
  refuseTwice(order);
  const limit = options.timeout === undefined ? undefined : readTimeout(options.timeout);
  const start = clock.now();
  const leases: Lease<unknown>[] = [];
  try {
    for (const type of order) {
      // At the very end, the last millisecond is for what needs no waiting.
      const timeout = limit === undefined ? undefined : Math.max(1, limit - (clock.now() - start));
      leases[types.indexOf(type)] = await lender.acquire(type, { ...options, timeout });
    }
  } catch (error) {
    leases.forEach((lease) => void lease.release()); // never rejects, and the caller need not wait for a reset
    throw error;
  }
  return leases;
}

/** @throws InvalidOptionsError if it is not an array of types */
function checkTypes(types: unknown): void {
  try {
    if (Array.isArray(types) && types.every((type) => typeof type === 'string')) return;
  } catch {
    // Nothing that can be read.
  }
  throw new InvalidOptionsError('types', `must be an array of resource types; got ${describeValue(types)}.`);
}

/** Two callers that want two of one type could each hold one and wait for the other's forever. */
function refuseTwice(order: readonly string[]): void {
  const twice = order.find((type, index) => type === order[index + 1]);
  if (twice === undefined) return;
  throw new InvalidOptionsError(
    'types',
    `names ${describeValue(twice)} twice, and two callers that do so could wait for each other. Name each type once.`,
    twice,
  );
}
