import type { PoolStats } from '../reports/pool-stats.js';
import { describeName } from '../words/describe-name.js';
import { UnavailableError } from './resource-error.js';

/** The pool is draining or closed and no longer lends. */
export class PoolClosedError extends UnavailableError {
  constructor(type: string, owner: string, stats?: PoolStats) {
    super(
      `Pool "${describeName(type)}" is shutting down and refuses ${describeName(owner)}. ` +
        `Acquire before the shutdown begins (in a hook of yours: in onModuleDestroy), or ask another instance.`,
      { type, stats, owner },
    );
  }
}
