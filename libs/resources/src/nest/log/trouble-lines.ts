import { endsBySuccess, QUIET } from '../../coordinator/trouble-watch.js';
import { describeKey, describeName, quoteName } from '../../words/describe-name.js';
import type { PoolStats } from '../../reports/pool-stats.js';
import type { Trouble, TroubleKind } from '../../reports/trouble.js';
import type { LogLevel } from '../resources.options.js';

/** What is said of one kind of trouble. */
interface Lines {
  readonly level: Exclude<LogLevel, 'log'>;
  /** What is wrong, and what to do. @param stats of the pool, if there is one */
  begins(trouble: Trouble, stats: PoolStats | undefined): string;
  /** What has stopped. */
  readonly ends: string;
}

/** A hook of the user's, or a store. @param follows from it */
function fails(what: string, follows: string): Lines {
  return {
    level: 'warn',
    begins: (trouble) => `${whereOf(trouble)}: ${what} fails: ${causeOf(trouble)} ${follows}`,
    ends: `${what} has not failed ${LATELY}`,
  };
}

/** Callers that get nothing. @param happens to them @param remedy what to do @param ends what none of them has had happen */
function turnsAway(happens: string, remedy: string, ends: string): Lines {
  return {
    level: 'warn',
    begins: (trouble, stats) =>
      `${whereOf(trouble)}: callers ${happens}, the first of them ${describeName(trouble.owner)}${countsOf(stats)}. ${remedy}`,
    ends: `no caller has ${ends} ${LATELY}`,
  };
}

const LATELY = `for ${secondsOf(QUIET)}`;
const TOO_FEW = 'There are too few resources for so many callers: see stats() and leases().';

const LINES: Readonly<Record<TroubleKind, Lines>> = {
  creationFailed: {
    level: 'error',
    begins: (trouble) => `${whereOf(trouble)}: creation fails: ${causeOf(trouble)} ${triedAgain(trouble)}`,
    ends: `creation has not failed ${LATELY}`,
  },
  timeout: turnsAway(
    'time out while they wait',
    'coordinator.leases() says who holds the resources; if all are needed, raise "max".',
    'timed out',
  ),
  refused: turnsAway('are refused, because "maxWaiting" callers wait already', TOO_FEW, 'been refused'),
  shed: turnsAway('are shed by "queue.coDel", because all have to wait for too long', TOO_FEW, 'been shed'),
  leaked: {
    level: 'warn',
    begins: (trouble) =>
      `${whereOf(trouble)}: the lease of ${describeName(trouble.owner)} was revoked: it did not come back in time, and its resource is retired. ` +
      `Release it in a finally, or borrow by use(); "leaks.stack" says where it was acquired.`,
    ends: `no lease has been revoked ${LATELY}`,
  },
  validationFailed: fails('validation', 'The resource is replaced.'),
  workFailed: fails(
    'work that holds its resources',
    '"validation.isFatal" says that this breaks them: they are replaced.',
  ),
  resetFailed: fails('reset', 'The resource is retired, and not lent on.'),
  destroyFailed: fails('destroy', 'What the resource has outside of this process may stay behind.'),
  predicateFailed: fails('"retirement.predicate"', 'The resource is kept.'),
  isFatalFailed: fails(
    '"validation.isFatal"',
    'The resource is not lent again, because nothing is known of it.',
  ),
  refreshFailed: fails('a load in the background', 'The stale value is served for as long as it may be.'),
  storeFailed: fails('its secondary store', 'The cache goes on with what it has in memory.'),
};

export function levelOf({ kind }: Trouble): LogLevel {
  return LINES[kind].level;
}

export function beginningOf(trouble: Trouble, stats: PoolStats | undefined): string {
  return LINES[trouble.kind].begins(trouble, stats);
}

/** @param duration milliseconds */
export function endOf(trouble: Trouble, duration: number): string {
  const { kind, count, since } = trouble;
  const over = endsBySuccess(trouble) ? 'creation works again' : LINES[kind].ends;
  const often = count === 1 ? 'once' : `${count} times in ${secondsOf(duration)}`;
  return `${whereOf(trouble)}: ${over}: it happened ${often}, since ${since.toISOString()}.`;
}

/** As a sentence of its own: some causes end with a full stop. */
function causeOf({ cause = '' }: Trouble): string {
  return cause.endsWith('.') ? cause : `${cause}.`;
}

function triedAgain({ source }: Trouble): string {
  return source === 'pool'
    ? 'It is tried again while callers wait; those whom it does not serve in time get an error.'
    : 'Callers get an error; the next one tries again.';
}

function whereOf({ source, type, key }: Trouble): string {
  const name = `${source === 'pool' ? 'Pool' : 'Cache'} ${quoteName(type)}`;
  return key === undefined ? name : `${name}, key ${describeKey(key)}`;
}

function countsOf(stats: PoolStats | undefined): string {
  if (stats === undefined) return '';
  const { leased, max, creating, pending, failing } = stats;
  const why = failing === undefined ? '' : `, creation fails: ${failing.cause}`;
  return ` (${leased} of ${max} on loan, ${creating} being created, ${pending} waiting${why})`;
}

/** @param milliseconds of a span @returns it as text */
export function secondsOf(milliseconds: number): string {
  return milliseconds < 10_000
    ? `${(milliseconds / 1_000).toFixed(1)} s`
    : `${Math.round(milliseconds / 1_000)} s`;
}
