import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import type { OptionReader } from '../../options/option-reader.js';
import { MinimumPolicy } from '../../policies/sizing/minimum-policy.js';
import type { LeaseInfo } from '../../reports/lease-info.js';
import { describeName } from '../../words/describe-name.js';
import { describeValue } from '../../words/describe-value.js';
import type { SizingSettings } from './sizing-options.js';

/** Places of a pool that are kept for certain callers. They are part of `max`. */
export interface ReserveOptions {
  /**
   * Places for callers that ask with `reserve: 'health'`, such as a check that must query: a count from 0 to `max - 1`. All others have
   * what is left of `max`. Can't be changed while the pool exists. Default 0.
   */
  health?: number;
}

/** The defaults of {@link ReserveOptions}. */
export const DEFAULT_RESERVE_OPTIONS = { health: 0 } as const satisfies ReserveOptions;

/** For whom places can be kept. */
export type ReserveName = keyof ReserveOptions;

const NAMES = ['health'] as const satisfies readonly ReserveName[];

/** {@link ReserveOptions} read. */
export interface ReserveSettings {
  /** Places that are kept, a count. */
  readonly reserved: number;
}

/**
 * @param sizing of the whole pool
 * @param isFixed whether all of it, but for the reserve, is kept filled
 * @returns what is left of it, too
 */
export function readReserveOptions(
  read: OptionReader,
  given: ReserveOptions | undefined,
  sizing: SizingSettings,
  isFixed: boolean,
): ReserveSettings & SizingSettings {
  const defaults = DEFAULT_RESERVE_OPTIONS;
  const { health } = read.group('reserve', given, NAMES);
  const reserved = read.count('reserve.health', health, defaults.health, 0);
  if (reserved === 0) return { ...sizing, reserved };
  const { minimum, adaptive } = sizing;
  const max = sizing.max - (adaptive === undefined ? reserved : 0);
  const most = adaptive === undefined ? max : adaptive.most - reserved;
  const least = adaptive?.least ?? 1;
  const min = isFixed ? max : minimum.min;
  const needed = Math.max(least, min, minimum.minIdle);
  if (most < needed) {
    const problem = `must leave ${needed} of ${most + reserved} to all other callers; got ${reserved}.`;
    read.fail('reserve.health', problem);
  }
  return {
    minimum: isFixed ? new MinimumPolicy(min, minimum.minIdle) : minimum,
    max,
    adaptive: adaptive && { ...adaptive, most },
    reserved,
  };
}

/** @throws InvalidOptionsError if there can be no such reserve */
export function checkReserve(reserve: unknown, type?: string): void {
  if (NAMES.some((name) => name === reserve)) return;
  throw new InvalidOptionsError('reserve', `must be 'health'; got ${describeValue(reserve)}.`, type);
}

/** @throws InvalidOptionsError, because the pool keeps no places for anybody */
export function refuseReserve(name: ReserveName, type: string): never {
  checkReserve(name, type);
  const problem = `has no places in the pool of "${type}": give that "reserve.${name}", or leave this out.`;
  throw new InvalidOptionsError('reserve', problem, type);
}

/** @throws InvalidOptionsError, because the pool keeps places, but none */
export function refuseNoPlaces(type: string): never {
  throw new InvalidOptionsError('reserve.health', 'must be at least 1 for a ReservingResourcePool.', type);
}

/** @throws InvalidOptionsError, because the pool is not one that keeps places */
export function refusePlaces(type: string): never {
  throw new InvalidOptionsError(
    'reserve',
    'makes a pool of its own of the places that are kept: use ReservingResourcePool.',
    type,
  );
}

/** @throws InvalidOptionsError if a change is one of the reserve's size */
export function checkSameReserve({ reserved }: ReserveSettings, next: ReserveSettings, type: string): void {
  if (next.reserved === reserved) return;
  throw new InvalidOptionsError('reserve.health', "can't be changed while the pool exists.", type);
}

/** A lease of a reserved place, as its pool tells of it: the places count their leases for themselves. */
export function ofReserve(lease: LeaseInfo): LeaseInfo {
  const type = describeName(lease.type);
  return { ...lease, id: `${type}(${NAMES[0]})${lease.id.slice(type.length)}` };
}
