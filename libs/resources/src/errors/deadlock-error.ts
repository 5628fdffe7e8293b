import type { PoolStats } from '../reports/pool-stats.js';
import { describeName } from '../words/describe-name.js';
import { describePool, UnavailableError } from './resource-error.js';

/** One unit of work in a circle of units that wait for each other. */
export interface DeadlockLink {
  /** The unit's owner: `OrdersController.find (http)`. */
  owner: string;
  /** The resource types that it holds, one entry for each lease; of a keyed type, `pg[acme]`. A load holds its entry. */
  holds: string[];
  /** What it waits for, which the next in the circle holds: a resource type, or the entry of a load. */
  waitsFor: string;
}

/**
 * Units of work waited for each other in a circle, each holding what another one needs. This one was the last
 * to begin: it gave up, so that the others can go on.
 */
export class DeadlockError extends UnavailableError {
  /** @param circle from the one that gave up to the one that waits for what it holds */
  constructor(
    type: string,
    readonly circle: readonly DeadlockLink[],
    stats: PoolStats | undefined,
    owner: string,
  ) {
    super(
      `${describeName(owner)} gave up waiting for "${describeName(type)}"${stats === undefined ? '' : ` (${describePool(stats)})`} because of a deadlock: ` +
        `${describeCircle(circle)}. It was the last of them to begin. ` +
        `Ask again, take all that the work needs with acquireAll(), or raise "max".`,
      { type, stats, owner },
    );
  }
}

/** Most links of a circle, and most types of a link, that the message names. All are in the fields. */
const MOST_TOLD = 8;

function describeCircle(circle: readonly DeadlockLink[]): string {
  const told = circle.slice(0, MOST_TOLD).map(describeLink);
  if (circle.length > MOST_TOLD) told.push(`and ${circle.length - MOST_TOLD} more in the same way`);
  return told.join('; ');
}

function describeLink({ owner, holds, waitsFor }: DeadlockLink): string {
  const held =
    holds.length === 0 ? ['nothing'] : holds.slice(0, MOST_TOLD).map((type) => `"${describeName(type)}"`);
  if (holds.length > MOST_TOLD) held.push(`${holds.length - MOST_TOLD} more`);
  return `${describeName(owner)} holds ${held.join(', ')} and waits for "${describeName(waitsFor)}"`;
}
