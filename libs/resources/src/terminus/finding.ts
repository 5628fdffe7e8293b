import type { CachedResources } from '../cache/cached-resources.js';
import type { RegisteredPool } from '../coordinator/pool-registry.js';
import type { Readiness } from '../options/readiness.js';
import { KeyedResourcePool } from '../pool/keyed/keyed-resource-pool.js';
import type { Phase } from '../reports/phase.js';

/** What is known of one thing's health, before Terminus puts it into its own form. */
export interface Finding {
  readonly status: 'up' | 'degraded' | 'down';
  /** Why it is not `up`, and what else there is to tell. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** From which share of `max` on loan a pool counts as nearly used up. */
const HIGH_WATER = 0.9;

const SEVERITY = { up: 0, degraded: 1, down: 2 } as const;

/** Whether a coordinator takes work, by its phase. */
const TAKES_WORK: Readonly<Record<Phase, boolean>> = {
  registered: false,
  starting: false,
  ready: true,
  degraded: true,
  draining: false,
  stopped: false,
  failed: false,
};

/** Whether it has started, by its phase: what came of it since does not count. */
const HAS_STARTED: Readonly<Record<Phase, boolean>> = {
  registered: false,
  starting: false,
  ready: true,
  degraded: true,
  draining: true,
  stopped: true,
  failed: false,
};

/** Whether it takes work now. @param announced whether its end is */
export function readinessIn(phase: Phase, announced: boolean): Finding {
  if (!TAKES_WORK[phase]) return down(phase, { phase });
  return announced ? down('shutting down', { phase }) : { status: 'up', data: { phase } };
}

/** Whether it has started, whatever came of it since. */
export function startIn(phase: Phase): Finding {
  return HAS_STARTED[phase] ? { status: 'up', data: { phase } } : down(phase, { phase });
}

/** What a pool knows of itself. It asks nobody and takes nothing. */
export function findingOf(pool: RegisteredPool): Finding {
  const { min, max, size, idle, leased, creating, pending, timeouts, breaker, failing } = pool.stats;
  const counts = { min, max, size, idle, leased, creating, pending, timeouts };
  const figures = { ...counts, breaker, ...(failing && { failing }) };
  if (pool.closed) return down('closed', figures);
  if (pool.paused) return down('paused', figures);
  // One key's failure is not the type's: anybody may ask for a tenant that there is not.
  const isKeyed = pool instanceof KeyedResourcePool;
  if (!isKeyed && pool.lifeless) return down('cannot create', figures);
  if (!isKeyed && failing !== undefined && idle === 0) return degraded('cannot create', figures);
  if (pending > 0) return degraded('callers are waiting', figures);
  return leased < max * HIGH_WATER ? { status: 'up', data: figures } : degraded('nearly used up', figures);
}

/** What a cached type knows of itself. */
export function findingOfCached({ stats, closed }: CachedResources<unknown>): Finding {
  const { size, inUse, pending, loads, failures } = stats;
  const figures = { size, inUse, pending, loads, failures };
  if (closed) return down('closed', figures);
  return pending > 0 ? degraded('callers are waiting', figures) : { status: 'up', data: figures };
}

/** Of a type that is gone, because all are. */
export const GONE: Finding = down('closed', { phase: 'stopped' });

/** A type that its dependencies keep from lending is no better than degraded, whatever its pool knows. */
export function inPhase(phase: Phase, { status, data }: Finding): Finding {
  if (status === 'up' && phase === 'degraded') return degraded('not ready', { ...data, phase });
  return { status, data: { ...data, phase } };
}

/** A type of an application that takes no work takes none, either, whatever it knows of itself. */
export function servedBy(application: Finding, { status, data }: Finding): Finding {
  if (application.status !== 'down' || status === 'down') return { status, data };
  return { status: 'down', data: { ...data, reason: application.data.reason } };
}

/** What the application makes of it. */
export function regarding(readiness: Readiness | undefined, { status, data }: Finding): Finding {
  if (readiness !== 'ignored') return { status, data };
  return { status: status === 'down' ? 'degraded' : status, data: { ...data, readiness } };
}

/** Of two things of one name, a pooled and a cached type, the worse. */
export function worseOf(one: Finding | undefined, other: Finding): Finding {
  return one !== undefined && SEVERITY[one.status] >= SEVERITY[other.status] ? one : other;
}

function down(reason: string, figures: object): Finding {
  return { status: 'down', data: { reason, ...figures } };
}

function degraded(reason: string, figures: object): Finding {
  return { status: 'degraded', data: { reason, ...figures } };
}
