import type { RetireReason } from './retire-reason.js';

/** What happens in a pool. `type` is the resource type throughout. */
export type PoolEvent = (
  | {
      kind: 'acquired' | 'released' | 'leaked' | 'abandoned' | 'timeout' | 'aborted' | 'refused' | 'shed';
      type: string;
      owner: string;
    }
  | LeakEvent
  | { kind: 'created' | 'destroyed'; type: string }
  | { kind: 'retired'; type: string; reason: RetireReason; cause?: unknown }
  /** One try of `create` failed, or a hook, or work, so that its resource is broken: `cause` is what it threw. */
  | {
      kind:
        | 'creationFailed'
        | 'validationFailed'
        | 'workFailed'
        | 'resetFailed'
        | 'destroyFailed'
        | 'predicateFailed'
        | 'isFatalFailed';
      type: string;
      cause: unknown;
    }
  /** A creation succeeded after the ones before had failed. */
  | { kind: 'creationRecovered'; type: string }
  /** Creation is suspended for `cooldown` milliseconds. */
  | { kind: 'breakerOpened'; type: string; cause: unknown; cooldown: number }
  | { kind: 'breakerClosed'; type: string }
) & {
  /** In a keyed pool, the key concerned. */
  key?: string;
};

/** A lease has been held for longer than `leaks.warnAfter`, or came back after that. `age` in milliseconds. */
export type LeakEvent =
  | { kind: 'leakSuspected'; type: string; owner: string; age: number; stack: string | undefined }
  | { kind: 'leakReturned'; type: string; owner: string; age: number };

export type PoolListener = (event: PoolEvent) => void;
