import { ResourceCoordinator } from '../coordinator/resource-coordinator.js';
import { describeValue } from '../words/describe-value.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { readCallersOptions } from '../options/callers-options.js';
import type { CacheLeaseInfo, LeaseInfo } from '../reports/lease-info.js';
import { type Duration, parseDuration } from '../time/duration.js';
import { realTime } from '../time/real-time.js';
import { LeasesHeldError } from './leases-held-error.js';

/** What is needed of an application, a microservice, an application context or a testing module of Nest. */
export interface LendingApplication {
  get(token: typeof ResourceCoordinator, options: { strict: false }): unknown;
}

/** Options of {@link expectNoLeases}. */
export interface ExpectNoLeasesOptions {
  /** How long leases that are on their way back may take, in real time: a finite duration from 0. Default `'1s'`. */
  within?: Duration;
}

const WITHIN = '1s';

/** Milliseconds from one look to the next. */
const INTERVAL = 10;

/**
 * Passes when nobody holds a lease, pooled, keyed or cached: at once, or as soon as the last one has come back. Of an application that
 * has been closed, it asks what the shutdown found. Fake timers don't hold it back.
 *
 * @param target an application, microservice, application context or testing module that imports ResourcesModule, or a coordinator
 * @throws LeasesHeldError naming each lease that has not come back: its owner, type, key and age, and where it was acquired, if that is
 * captured; InvalidOptionsError when `target` has no coordinator, or `within` is no finite duration
 */
export async function expectNoLeases(
  target: LendingApplication | ResourceCoordinator,
  options: ExpectNoLeasesOptions = {},
): Promise<void> {
  const within = readWithin(options);
  const coordinator = coordinatorOf(target);
  let held = heldIn(coordinator);
  for (let waited = 0; held.length > 0 && waited < within; waited += INTERVAL) {
    await realTime(Math.min(INTERVAL, within - waited));
    held = heldIn(coordinator);
  }
  if (held.length > 0) throw new LeasesHeldError(held, within);
}

/** A closed coordinator has no pools any more; what they had lent at the deadline stands in its report. */
function heldIn(coordinator: ResourceCoordinator): (LeaseInfo | CacheLeaseInfo)[] {
  return [...(coordinator.drainReport?.held ?? []), ...coordinator.leases()];
}

function readWithin(options: ExpectNoLeasesOptions): number {
  const within = readCallersOptions(options, undefined, (given) =>
    parseDuration(given.within ?? WITHIN, 'within'),
  );
  if (within === Infinity) throw new InvalidOptionsError('within', 'must be finite.');
  return within;
}

function coordinatorOf(target: LendingApplication | ResourceCoordinator): ResourceCoordinator {
  if (target instanceof ResourceCoordinator) return target;
  let found: unknown;
  try {
    found = target.get(ResourceCoordinator, { strict: false });
  } catch {
    // Nest knows none, or it is not Nest's.
  }
  if (found instanceof ResourceCoordinator) return found;
  const problem = `must be a ResourceCoordinator, or an application that imports ResourcesModule; got ${describeValue(target)}.`;
  throw new InvalidOptionsError('target', problem);
}
