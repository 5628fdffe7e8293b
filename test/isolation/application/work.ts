import type { ScopedLease } from 'nestjs-resources';
import type { Session } from '../resources/session.js';
import { SharedClient } from '../resources/shared-client.js';
import { TENANTS } from '../plan/plan.js';
import { checkContext } from '../watch/own-context.js';
import { Unit } from '../watch/unit.js';
import { watch } from '../watch/watch.js';

/** The client of middleware, guards, interceptors, filters and hooks. */
export const sessionStore = new SharedClient();
/** The client of handlers. */
export const broker = new SharedClient();

/** The unit's own session, as the scoped lease gives it. */
export async function borrow(lease: ScopedLease<Session>, unit: Unit): Promise<Session> {
  const session = await lease.acquire();
  take(session, unit);
  return session;
}

/** Says that a unit has a session now, which may die in its hands. */
export function take(session: Session, unit: Unit): void {
  session.took(unit);
  if (unit.plan.fault === 'session') session.die();
}

export interface Answer {
  mark: string;
}

/** The work of a handler, up to its answer. */
export async function serve(unit: Unit, work: () => Promise<string>): Promise<Answer> {
  return await watch.work(unit, async () => {
    checkContext(unit, 'the handler');
    const mark = await work();
    checkContext(unit, 'the end of the handler');
    if (unit.plan.fault === 'handler') throw new Error(`the handler of ${unit.mark} fails`);
    return { mark };
  });
}

/** What the library refuses inside of a load, rather than to serve it to others: the name of the error is the answer. */
export async function orRefused<V>(work: () => Promise<V>): Promise<V | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && REFUSALS.has(error.name)) return undefined;
    throw error;
  }
}

/** By what a library that keeps its promises refuses work that depends on a request which it can't know. */
const REFUSALS = new Set(['NoLeaseScopeError', 'InvalidOptionsError', 'UndeclaredKeyError']);

let loads = 0;

/** A load is nobody's: it has a unit of its own, which may touch what is the tenant's. */
export function loadFor(tenant: string, application: number): Unit {
  const known = TENANTS.find((name) => name === tenant);
  if (known === undefined) throw new Error(`a load for "${tenant}"`);
  const id = -++loads;
  const plan = { id, handler: 'nothing', tenant: known, user: 'nobody', losses: [], borrowers: [] } as const;
  return new Unit({ ...plan, pauses: [0, 1], bytes: 0, gzip: false }, application, `load ${-id}/${tenant}`);
}

/** A value of the cache, and whose it is. */
export interface Stamped {
  tenant: string;
  application: number;
}

export function checkValue(unit: Unit, value: Stamped | undefined, where: string): void {
  if (value === undefined) return;
  watch.journal.note(unit, `gets a value of ${value.tenant} by ${where}`);
  if (value.tenant !== unit.tenant)
    watch.violated('tenant', `${unit.mark} gets a value of ${value.tenant} by ${where}`, unit);
  if (value.application !== unit.application)
    watch.violated('application', `${unit.mark} gets a value of application ${value.application}`, unit);
}
