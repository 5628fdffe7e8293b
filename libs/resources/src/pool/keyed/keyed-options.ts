import type { OptionReader } from '../../options/option-reader.js';

/** Makes a type keyed: one pool for each key. Giving it at all, even empty, is enough. */
export interface KeyedOptions {
  /**
   * Most resources of all keys together, a count of at least 1, and of at least `min`: a `ResourceBudget` of the keys' own.
   * Each key that has a pool can have one resource, or `min`. Can't be changed while the pool exists. Default `Infinity`.
   */
  max?: number;
  /**
   * Most keys that have a pool at a time, a count of at least 1. A further key gets the place of one that nobody uses,
   * the least recently used first. Default 1000.
   */
  maxKeys?: number;
}

/** The defaults of {@link KeyedOptions}. */
export const DEFAULT_KEYED_OPTIONS = { max: Infinity, maxKeys: 1_000 } as const satisfies KeyedOptions;

/** {@link KeyedOptions} read; none for a pool without keys. */
export interface KeyedSettings {
  readonly keyed: Required<KeyedOptions> | undefined;
}

export function readKeyedOptions(read: OptionReader, given: KeyedOptions | undefined): KeyedSettings {
  if (given === undefined) return { keyed: undefined };
  const defaults = DEFAULT_KEYED_OPTIONS;
  const { max, maxKeys } = read.group('keyed', given, Object.keys(defaults));
  return {
    keyed: {
      max: read.count('keyed.max', max, defaults.max, 1),
      maxKeys: read.count('keyed.maxKeys', maxKeys, defaults.maxKeys, 1),
    },
  };
}
