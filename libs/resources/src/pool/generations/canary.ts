import { GenerationRejectedError } from '../../errors/generation-rejected-error.js';
import { verdictOf } from '../../hooks/verdict.js';
import type { AttemptHost } from '../creation/creation-attempt.js';
import type { CreationHost } from '../creation/creation.js';
import { CreationGate } from '../creation/creation-gate.js';
import type { ResourceFactory } from '../factory/resource-factory.js';
import type { Inventory } from '../inventory.js';
import type { PoolEvents } from '../pool-events.js';
import type { PoolSettings } from '../pool-options.js';
import type { PoolTime } from '../pool-time.js';
import type { Slot } from '../slots/slot.js';
import type { ChangeSettings } from './reconfigure-options.js';

/** The pool that a canary is made in; implemented by the dispatcher. */
export interface CanaryHost<T> {
  readonly type: string;
  readonly events: PoolEvents;
  readonly inventory: Inventory<T>;
  readonly time: PoolTime;
}

/** What makes a canary. */
export interface CanaryMaker<T> {
  readonly handle: ResourceFactory<T>;
  readonly settings: PoolSettings;
}

/** What becomes of its creation. */
export interface CanaryListener<T> {
  readonly wanted: () => boolean;
  readonly arrived: (slot: Slot<T>) => void;
  readonly failed: (cause: unknown) => void;
}

/**
 * Where the creation of a canary belongs: it is made by the factory to come, behind a gate of its own, so that its failures suspend nothing of
 * what the pool creates meanwhile.
 */
export function canaryHost<T>(
  { type, events, inventory, time }: CanaryHost<T>,
  { handle, settings }: CanaryMaker<T>,
  { wanted, arrived, failed }: CanaryListener<T>,
): CreationHost<T> {
  const gate = new CreationGate(settings.creationBreaker, time.clock, {
    breakerOpened: () => undefined,
    breakerClosed: () => undefined,
    makeUp: () => undefined,
  });
  const attempts: AttemptHost<T> = {
    maker: () => ({ factory: handle, generation: inventory.generations.current + 1 }),
    takeIn: (resource) => inventory.takeIn(resource),
    unwanted: (made) => inventory.unwanted(made),
    cameLate: (resource, factory) => inventory.cameLate(resource, factory),
    createBegan: () => inventory.createBegan(),
    createSettled: () => inventory.createSettled(),
    died: (slot, cause) => inventory.died(slot, cause),
  };
  return {
    inventory: attempts,
    gate,
    wants: wanted,
    attemptFailed(cause) {
      if (wanted()) events.emit({ kind: 'creationFailed', type, cause }); // no trouble of the pool's
    },
    arrived(slot) {
      gate.stop();
      if (inventory.add(slot)) arrived(slot);
    },
    creationFailed(cause) {
      gate.stop();
      failed(cause);
    },
  };
}

/** @throws GenerationRejectedError when it does not work */
export async function proveCanary<T>(
  { type, time }: CanaryHost<T>,
  { settings }: CanaryMaker<T>,
  slot: Slot<T>,
  validate: ChangeSettings['canary']['validate'],
): Promise<void> {
  const { factory, resource } = slot;
  const check =
    typeof validate === 'function'
      ? () => validate(resource as never) // its user knows its type
      : validate && factory.validate !== undefined && (() => factory.validate?.(resource));
  const { onBorrow } = settings.validationTimeouts;
  const verdict = check === false ? undefined : await time.ground.run(() => verdictOf(check, onBorrow, time));
  if (verdict !== undefined) throw rejected(type, 'a resource of it does not work', verdict.cause);
  if (slot.retireReason !== undefined) throw rejected(type, 'a resource of it has died', slot.cause);
}

function rejected(type: string, problem: string, cause: unknown): GenerationRejectedError {
  return new GenerationRejectedError(type, 'canary.validate', problem, undefined, cause);
}
