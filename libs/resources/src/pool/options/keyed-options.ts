import type { OptionReader } from './option-reader.js';

/** What makes a type one of many keys, each with a pool of its own. Given at all, even empty, it does. */
export interface KeyedOptions {
  /**
   * Most keys that have a pool at a time, a count of at least 1. A further key gets the place of one that nobody uses,
   * the least recently used first. Default 1000.
   */
  maxKeys?: number;
}

/** The defaults of {@link KeyedOptions}. */
export const DEFAULT_KEYED_OPTIONS = { maxKeys: 1_000 } as const satisfies KeyedOptions;

/** {@link KeyedOptions} read; none for a pool without keys. */
export interface KeyedSettings {
  readonly keyed: Required<KeyedOptions> | undefined;
}

export function readKeyedOptions(read: OptionReader, given: KeyedOptions | undefined): KeyedSettings {
  if (given === undefined) return { keyed: undefined };
  const { maxKeys } = read.group('keyed', given, Object.keys(DEFAULT_KEYED_OPTIONS));
  return { keyed: { maxKeys: read.count('keyed.maxKeys', maxKeys, DEFAULT_KEYED_OPTIONS.maxKeys, 1) } };
}
