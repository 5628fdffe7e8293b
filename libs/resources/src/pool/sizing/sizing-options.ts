import { MinimumPolicy } from '../../policies/sizing/minimum-policy.js';
import type { Duration } from '../../time/duration.js';
import type { OptionReader } from '../../options/option-reader.js';

/** How large a pool is. */
export interface SizingOptions {
  /**
   * `'elastic'`: between `min` and `max`, as needed. `'fixed'`: always `max`, kept filled, and nothing retires for being
   * idle. `'adaptive'`: as elastic, but `max` is found between `least` and `most` from how busy the resources are, and whether what they run
   * on can keep more of them busy: the CPUs of processors; of others, how long loans take. Default `'elastic'`.
   */
  mode?: 'elastic' | 'fixed' | 'adaptive';
  /** With `'adaptive'`, the smallest `max`, and the first: a count of at least 1, and of `min`. Default 1. */
  least?: number;
  /** With `'adaptive'`, the largest `max`: a count of at least `least`. Default 10. */
  most?: number;
  /** With `'adaptive'`, the least time between two changes. More than 0. Default `'1s'`. */
  interval?: Duration;
}

/** The bounds that stand beside the groups. */
interface Bounds {
  min?: number;
  minIdle?: number;
  max?: number;
}

/** The defaults of {@link SizingOptions}. */
export const DEFAULT_SIZING_OPTIONS = { mode: 'elastic' } as const satisfies SizingOptions;

/** The defaults of the bounds that stand beside the groups. */
export const DEFAULT_BOUNDS = { min: 0, minIdle: 0, max: 10 } as const satisfies Bounds;

/** The defaults of what belongs to the adaptive mode. */
const DEFAULT_ADAPTIVE_OPTIONS = { least: 1, most: 10, interval: '1s' } as const satisfies SizingOptions;

/** {@link SizingOptions} read; times in milliseconds. */
export interface SizingSettings {
  /** What is kept even when nobody needs it. */
  readonly minimum: MinimumPolicy;
  readonly max: number;
  /** How `max` is found, if it is. */
  readonly adaptive: { readonly least: number; readonly most: number; readonly interval: number } | undefined;
}

const MODES = ['elastic', 'fixed', 'adaptive'] as const;
const ADAPTIVE_NAMES = ['least', 'most', 'interval'] as const;

export function readSizingOptions(
  read: OptionReader,
  bounds: Bounds,
  given: SizingOptions | undefined,
): SizingSettings {
  const options = read.group('sizing', given, ['mode', ...ADAPTIVE_NAMES]);
  const mode = read.oneOf('sizing.mode', options.mode, MODES, DEFAULT_SIZING_OPTIONS.mode);
  if (mode === 'adaptive') return readAdaptive(read, bounds, options);
  const stray = ADAPTIVE_NAMES.find((name) => options[name] !== undefined);
  if (stray !== undefined) read.fail(`sizing.${stray}`, 'needs sizing.mode "adaptive".');
  const max = read.count('max', bounds.max, DEFAULT_BOUNDS.max, 1);
  const isFixed = mode === 'fixed';
  const minimum = readMinimum(read, bounds, isFixed ? max : DEFAULT_BOUNDS.min, { name: 'max', count: max });
  if (isFixed && minimum.min !== max) {
    read.fail(
      'min',
      `must equal "max" with sizing.mode "fixed", or be left out; got min ${minimum.min} and max ${max}.`,
    );
  }
  if (isFixed && minimum.minIdle > 0) {
    read.fail('minIdle', 'has no effect with sizing.mode "fixed", which always has "max"; leave it out.');
  }
  return { minimum, max, adaptive: undefined };
}

/** @param most the option that neither of the two may be greater than */
function readMinimum(
  read: OptionReader,
  bounds: Bounds,
  fallback: number,
  most: { name: 'max' | 'sizing.least'; count: number },
): MinimumPolicy {
  const kept = (name: 'min' | 'minIdle', fallback: number): number => {
    const count = read.count(name, bounds[name], fallback, 0);
    const other = most.name.replace('sizing.', '');
    if (count > most.count) {
      const got = `got ${name} ${count} and ${other} ${most.count}`;
      read.fail(name, `must not be greater than "${most.name}"; ${got}.`);
    }
    return count;
  };
  return new MinimumPolicy(kept('min', fallback), kept('minIdle', DEFAULT_BOUNDS.minIdle));
}

function readAdaptive(read: OptionReader, bounds: Bounds, options: SizingOptions): SizingSettings {
  const defaults = DEFAULT_ADAPTIVE_OPTIONS;
  if (bounds.max !== undefined) {
    read.fail(
      'max',
      'is found between "sizing.least" and "sizing.most" with sizing.mode "adaptive"; leave it out.',
    );
  }
  const least = read.count('sizing.least', options.least, defaults.least, 1);
  const most = read.count('sizing.most', options.most, Math.max(defaults.most, least), 1);
  if (least > most) {
    read.fail('sizing.least', `must not be greater than "sizing.most"; got least ${least} and most ${most}.`);
  }
  const minimum = readMinimum(read, bounds, DEFAULT_BOUNDS.min, { name: 'sizing.least', count: least });
  const interval = read.span('sizing.interval', options.interval, defaults.interval);
  return { minimum, max: least, adaptive: { least, most, interval } };
}
