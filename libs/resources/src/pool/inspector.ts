import { withTimeLimit } from '../time/time-limit.js';
import type { PoolTime } from './pool-time.js';
import type { Slot } from './slot.js';

/**
 * Runs a factory's `validate` and `reset`, each within a time-out. It says what it found and
 * decides nothing: `undefined` for well, or the reason against.
 */
export class Inspector<T> {
  constructor(private readonly time: PoolTime) {}

  /** @param limit most milliseconds */
  async validate(slot: Slot<T>, limit: number): Promise<unknown> {
    const { factory, resource } = slot;
    try {
      const valid: unknown = await withTimeLimit('validate', () => factory.validate?.(resource) ?? true, {
        limit,
        ...this.time,
      });
      return valid === true ? undefined : new Error('validate did not return true');
    } catch (error) {
      return error ?? new Error('validate threw nothing');
    }
  }

  /** @param limit most milliseconds */
  async reset(slot: Slot<T>, limit: number): Promise<unknown> {
    const { factory, resource } = slot;
    try {
      await withTimeLimit('reset', () => factory.reset?.(resource), { limit, ...this.time });
      return undefined;
    } catch (error) {
      return error ?? new Error('reset threw nothing');
    }
  }
}
