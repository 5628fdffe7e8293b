import 'reflect-metadata';
import type { ResourceKey } from './cached-lease-token.js';

/** A place in the code that asks for a cached resource. */
export interface CachedResourceUsage {
  readonly type: string;
  readonly key: ResourceKey;
  /** Such as `OrdersService (constructor parameter 0)`. */
  readonly place: string;
}

const USAGES = 'resources:cached-usages';

/** All that decorators have asked for so far in this process, for the modules that are scanned after that. */
const declared: CachedResourceUsage[] = [];

/** Remembers at the class what its decorator asked for, to be checked when the application starts. */
export function declareCachedUsage(owner: object, usage: CachedResourceUsage): void {
  declared.push(usage);
  const known = (Reflect.getOwnMetadata(USAGES, owner) ?? []) as CachedResourceUsage[];
  Reflect.defineMetadata(USAGES, [...known, usage], owner);
}

/** What a class and its ancestors ask for. */
export function cachedUsagesOf(owner: object | null): CachedResourceUsage[] {
  if (owner === null || owner === Function.prototype) return [];
  const own = (Reflect.getOwnMetadata(USAGES, owner) ?? []) as CachedResourceUsage[];
  return [...own, ...cachedUsagesOf(Object.getPrototypeOf(owner) as object | null)];
}

/** All usages declared so far. */
export function cachedUsagesDeclared(): readonly CachedResourceUsage[] {
  return declared;
}
