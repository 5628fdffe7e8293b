import type { RetireReason } from './retire-reason.js';

/** What happens in a pool. `type` is the resource type throughout. */
export type PoolEvent = (
  | ResourceEvent
  | LeakEvent
  | { kind: 'timeout' | 'aborted' | 'refused' | 'shed'; type: string; owner: string }
  /** One try of `create` failed, or what it brought has died at once: `cause` is what it threw, or died of. */
  | { kind: 'creationFailed'; type: string; cause: unknown }
  /** A creation succeeded after the ones before had failed, or another factory is in force, which has not failed yet. */
  | { kind: 'creationRecovered'; type: string }
  /** Creation is suspended for `cooldown` milliseconds. */
  | { kind: 'breakerOpened'; type: string; cause: unknown; cooldown: number }
  | { kind: 'breakerClosed'; type: string }
) & {
  /** In a keyed pool, the key concerned. */
  key?: string;
};

/** What happens to one resource. `resourceId` is its number, from 1: of all that its pool ever has, with all its keys, no other's. */
export type ResourceEvent =
  | {
      kind: 'acquired' | 'released' | 'leaked' | 'abandoned';
      type: string;
      resourceId: number;
      owner: string;
    }
  | { kind: 'created' | 'destroyed'; type: string; resourceId: number }
  | { kind: 'retired'; type: string; resourceId: number; reason: RetireReason; cause?: unknown }
  /** A hook failed, or work, so that the resource is broken: `cause` is what it threw. */
  | {
      kind:
        | 'validationFailed'
        | 'workFailed'
        | 'resetFailed'
        | 'destroyFailed'
        | 'predicateFailed'
        | 'isFatalFailed';
      type: string;
      resourceId: number;
      cause: unknown;
    };

/** A lease has been held for longer than `leaks.warnAfter`, or came back after that. `age` in milliseconds. */
export type LeakEvent =
  | {
      kind: 'leakSuspected';
      type: string;
      resourceId: number;
      owner: string;
      age: number;
      stack: string | undefined;
    }
  | { kind: 'leakReturned'; type: string; resourceId: number; owner: string; age: number };

export type PoolListener = (event: PoolEvent) => void;
