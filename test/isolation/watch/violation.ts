import type { ClientEnd, PlannedRequest } from '../plan/plan.js';
import type { Unit } from './unit.js';

/** What must never be. */
export const INVARIANTS = {
  shared: 'a resource is in use by one unit at a time',
  late: 'a unit touches what it has, and nothing that it has given back',
  returned: 'a resource goes back when nobody works with it any more',
  unready: 'a resource is lent when its reset is done',
  tenant: 'no value, key or session of another tenant',
  application: 'nothing of another application in the process',
  context: 'no asynchronous context of another unit',
  hook: 'hooks and loads run in the context of no unit',
  answer: 'every honest request gets its own answer',
  leases: 'every lease comes back',
  reachable: 'no request is reachable after its end',
  unheard: 'no unhandled rejection, no uncaught exception',
} as const;
export type Invariant = keyof typeof INVARIANTS;

/** One time that an invariant did not hold. */
export interface Violation {
  readonly invariant: Invariant;
  readonly detail: string;
  readonly requests: readonly PlannedRequest[];
  /** How the client of each of them ends its exchange. */
  readonly ends: readonly (ClientEnd | undefined)[];
  /** Requests until then, of the whole run. */
  readonly after: number;
}

/** All units named by a violation, once each. */
export function plansOf(units: readonly (Unit | undefined)[]): PlannedRequest[] {
  return [...new Set(units.flatMap((unit) => (unit === undefined ? [] : [unit.plan])))];
}
