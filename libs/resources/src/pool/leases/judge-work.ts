import { warnOf } from '../../words/warn-of.js';
import { handleWorkFailure, type IsFatal } from '../../hooks/work-failure.js';
import type { PoolEvents } from '../pool-events.js';
import type { PoolLease } from './lease.js';

/** The pool whose resource it was. */
export interface JudgeWorkHost {
  readonly type: string;
  readonly events: PoolEvents;
}

/** Work with a lease that has not ended has thrown: the resource may be broken, which the pool's listeners hear. */
export function judgeWork(
  lease: PoolLease<unknown>,
  error: unknown,
  isFatal: IsFatal,
  { type, events }: JudgeWorkHost,
): void {
  const resourceId = lease.slot.id;
  handleWorkFailure(lease, error, isFatal, {
    workFailed: (cause) => events.emitTrouble({ kind: 'workFailed', type, resourceId, cause }),
    isFatalFailed: (cause) => {
      if (events.lookedOut) events.emitTrouble({ kind: 'isFatalFailed', type, resourceId, cause });
      else warnOf(cause);
    },
  });
}
