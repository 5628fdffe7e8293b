import type { Handler, PlannedRequest } from '../plan/plan.js';
import type { Enough } from '../run/run.js';
import type { Violation } from '../watch/violation.js';

/** A fault that the library had, and by which of its violations it is known. */
export interface KnownFault {
  readonly name: string;
  readonly description: string;
  /** Platforms that had it. */
  readonly adapters: readonly string[];
  matches(violation: Violation): boolean;
}

/** Their work goes on unseen when nobody subscribes any more. */
const UNSEEN: readonly Handler[] = ['observable', 'stepwise'];
/** Requests of which something is kept for other reasons are fewer. */
const MANY = 5;

export const KNOWN_FAULTS: readonly KnownFault[] = [
  {
    name: 'foreign-scope',
    description: 'middleware that goes on by a shared client gives a request the session of another',
    adapters: ['express', 'fastify'],
    matches: ({ invariant, requests: [first] }) =>
      invariant === 'shared' &&
      first !== undefined &&
      first.losses.every((loss) => loss === 'middleware') &&
      first.losses.length > 0,
  },
  {
    name: 'lent-on',
    description: "a session is lent on while a handler's Observable that was given up works with it",
    adapters: ['express', 'fastify'],
    matches: ({ invariant, requests: [first], ends: [end] }) =>
      ['returned', 'shared'].includes(invariant) &&
      first !== undefined &&
      UNSEEN.includes(first.handler) &&
      first.losses.length === 0 &&
      (first.fault === 'time-out' || end?.kind === 'hang-up'),
  },
  {
    name: 'cached-over-keyed',
    description: "a cached method over a keyed lease serves another tenant's value",
    adapters: ['express', 'fastify'],
    matches: ({ invariant, detail, requests: [first] }) =>
      invariant === 'tenant' && first?.handler === 'method-tenant' && detail.includes('gets a value of'),
  },
  {
    name: 'reset-early',
    description: 'small gzip bodies whose connection is reset early keep their requests reachable',
    adapters: ['express'],
    matches: ({ invariant, requests, ends }) =>
      invariant === 'reachable' &&
      requests.filter((plan, index) => isResetEarly(plan, ends[index])).length >= MANY,
  },
];

/** For a run that ends when all of these were found. */
export function allFound(names: readonly string[]): Enough {
  const wanted = KNOWN_FAULTS.filter(({ name }) => names.includes(name));
  return (violations) => wanted.every((fault) => violations.some((violation) => fault.matches(violation)));
}

function isResetEarly({ gzip }: PlannedRequest, end: Violation['ends'][number]): boolean {
  return gzip && end?.kind === 'hang-up' && end.how === 'reset' && end.after === 'waited' && end.amount === 0;
}
