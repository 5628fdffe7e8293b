import type { IsFatal } from '../hooks/work-failure.js';
import { isGroup, OptionReader } from '../options/option-reader.js';
import { DEFAULT_READINESS, type Readiness, readReadiness } from '../options/readiness.js';
import { type CacheOptions, type CacheValidationOptions, DEFAULT_CACHE_OPTIONS } from './cache-options.js';

/** Options of a cached resource type: those of its cache, except for those that concern only values. */
export type CachedResourceOptions = Omit<CacheOptions, 'stores' | 'validation'> & {
  validation?: CachedValidationOptions;
  /** What health makes of it when it is closed: `'required'`, the application is not ready; `'ignored'`, it is degraded. Default `'required'`. */
  readiness?: Readiness;
};

/** When a cached resource must prove that it works, and which errors prove that it does not. */
export interface CachedValidationOptions extends CacheValidationOptions {
  /**
   * Whether an error that a handler or `run` has thrown while it held the resource means that the resource is broken: `true` takes it out of the cache,
   * and the next caller gets a new one. It must be quick and not throw. Annotate the resource with your type. Default: no error does.
   */
  isFatal?: IsFatal;
}

/** Those of a cached type's options that its cache does not know, and the others. */
interface CachedResourceSettings {
  readonly isFatal: IsFatal | undefined;
  readonly readiness: Readiness;
  readonly cacheOptions: CacheOptions;
}

/** Takes out of a cached type's options what concerns work with its resources, and health, which the cache does not see. */
export function readCachedResourceOptions(
  options: CachedResourceOptions,
  at: string,
  type: string,
): CachedResourceSettings {
  // It refuses them.
  if (!isGroup(options)) return { isFatal: undefined, readiness: DEFAULT_READINESS, cacheOptions: options };
  const read = new OptionReader(at, type);
  const names = [...Object.keys(DEFAULT_CACHE_OPTIONS.validation), 'isFatal'];
  const { isFatal, ...validation } = read.group('validation', options.validation, names);
  const { readiness, ...others } = options;
  return {
    isFatal: read.callback('validation.isFatal', isFatal),
    readiness: readReadiness(read, readiness),
    cacheOptions: { ...others, validation },
  };
}
