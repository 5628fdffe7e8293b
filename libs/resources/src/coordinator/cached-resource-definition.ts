import type { CachedResourceFactory, CachedResourceOptions } from '../cache/cached-resources.js';

/** The factory of a cached resource type as a plain object, with the options of its cache. */
export type CachedResourceDefinition<T = unknown> = CachedResourceFactory<T> & {
  cache?: CachedResourceOptions;
};

/** Definitions by resource type. */
// Resources differ from entry to entry, and a factory both makes and takes them: no single T fits but never/any.
// oxlint-disable-next-line typescript/no-explicit-any
export type CachedResourceDefinitions = Record<string, CachedResourceDefinition<any>>;
