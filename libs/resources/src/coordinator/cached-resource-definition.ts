import type { CachedResourceOptions } from '../cache/cached-resource-options.js';
import type { CachedResourceFactory } from '../cache/cached-resources.js';
import type { Inferred, ResourceTypes } from './resource-types.js';
import type { StartOptions } from './starting/start-options.js';

/** The factory of a cached resource type as a plain object, with the options of its cache and of its start. */
export type CachedResourceDefinition<T = unknown> = CachedResourceFactory<T> &
  StartOptions & {
    cache?: CachedResourceOptions;
    /** Of pooled resources only: others may be using a cached one. */
    reset?: never;
    /** Of pooled resources only. */
    pool?: never;
  };

/** A {@link CachedResourceDefinition} whose resource the compiler learns from `create` alone, as in {@link InlineResourceDefinition}. */
export interface InlineCachedResourceDefinition<T, Taken = Inferred<T>>
  extends Pick<CachedResourceDefinition<T>, 'create'>, Omit<CachedResourceDefinition<Taken>, 'create'> {}

// Resources differ from entry to entry, and a factory both makes and takes them: no single T fits but never/any.
// oxlint-disable-next-line typescript/no-explicit-any
type AnyCachedResourceDefinition = CachedResourceDefinition<any>;

/** Definitions by resource type: of those that are declared in `ResourceTypes`, if any are. */
export type CachedResourceDefinitions = [keyof ResourceTypes] extends [never]
  ? Record<string, AnyCachedResourceDefinition>
  : { [K in keyof ResourceTypes]?: CachedResourceDefinition<ResourceTypes[K]> };

/** {@link CachedResourceDefinitions} that are written out where they are used, inferred as {@link InferredDefinitions} are. */
export type InferredCachedDefinitions<R> = [keyof ResourceTypes] extends [never]
  ? { [K in keyof R]?: InlineCachedResourceDefinition<R[K]> }
  : CachedResourceDefinitions;
