import { setTimeout as delay } from 'node:timers/promises';
import type { RunningApplication } from '../application/start-application.js';
import { LaneClient } from '../client/lane-client.js';
import type { Round } from '../plan/plan.js';
import type { Reachable } from '../watch/reachable.js';
import { Unit } from '../watch/unit.js';
import { watch } from '../watch/watch.js';

/** How long what must come to rest may take, in milliseconds. */
export interface Bounds {
  readonly rest: number;
  readonly collection: number;
}
export const BOUNDS: Bounds = { rest: 10_000, collection: 5_000 };

/** Requests that one violation names. */
const MOST_NAMED = 200;

/** The first wait between two looks, and what each further one is longer by: a look may cost a garbage collection. */
const INTERVAL = 5;
const GROWTH = 1.6;
const LONGEST = 500;

/** Plays one round on running applications, waits until all is quiet, and checks that nothing is left. */
export async function playRound(
  round: Round,
  applications: readonly RunningApplication[],
  reachable: Reachable,
  bounds: Bounds,
): Promise<void> {
  expectAll(round);
  const clients = round.lanes.map((lane) => new LaneClient(lane, applications[lane.application]?.port ?? 0));
  await Promise.all(clients.map((client) => client.play()));
  await checkLeases(applications, bounds.rest);
  // Connections are still open: nothing of their last requests may stay with them.
  const kept = new Set(clients.flatMap((client) => client.kept));
  await checkReachable('while connections are open', reachable, bounds.collection, (id) => !kept.has(id));
  for (const client of clients) client.close();
  await checkReachable('when all connections are closed', reachable, bounds.collection);
  reachable.forget();
}

function expectAll({ lanes }: Round): void {
  for (const { application, exchanges } of lanes) {
    for (const { requests, end } of exchanges) {
      for (const plan of requests) watch.expect(new Unit(plan, application), end);
    }
  }
}

async function checkLeases(applications: readonly RunningApplication[], bound: number): Promise<void> {
  const quiet = (): boolean =>
    !watch.busy &&
    applications.every(
      ({ coordinator }) => coordinator.leases().length === 0 && coordinator.stats().scopes === 0,
    );
  if (await within(bound, quiet)) return;
  const held = applications.flatMap(({ coordinator }) =>
    coordinator.leases().map(({ id, owner }) => `${id} by ${owner}`),
  );
  const scopes = applications.map(({ coordinator }) => coordinator.stats().scopes);
  const detail = `${held.length} on loan (${held.slice(0, 5).join(', ')}), ${scopes.join(' and ')} scopes open`;
  watch.violated('leases', watch.busy ? `${detail}, and work goes on` : detail);
}

async function checkReachable(
  when: string,
  reachable: Reachable,
  bound: number,
  counts: (id: number) => boolean = () => true,
): Promise<void> {
  let left: readonly Unit[] = [];
  const none = (): boolean => (left = reachable.left().filter(({ plan }) => counts(plan.id))).length === 0;
  if (await within(bound, none)) return;
  watch.violated('reachable', `${left.length} requests are reachable ${when}`, ...left.slice(0, MOST_NAMED));
}

async function within(bound: number, check: () => boolean): Promise<boolean> {
  const giveUpAt = performance.now() + bound;
  for (let wait = INTERVAL; !check(); wait = Math.min(LONGEST, wait * GROWTH)) {
    if (performance.now() > giveUpAt) return false;
    await delay(wait);
  }
  return true;
}
