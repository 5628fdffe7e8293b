import { type DynamicModule, Module } from '@nestjs/common';

/** The injection token of `@nestjs/cache-manager`, which need not be installed. */
export const CACHE_MANAGER = 'CACHE_MANAGER';

/** A name that bundlers don't follow: whoever has not installed it has no such file. */
const PACKAGE = '@nestjs/cache-manager';

/**
 * The class `Cache` of `@nestjs/cache-manager` as another token of the cache. A module of its own, because only a module may be made
 * later: the package is loaded for its class, if it is there.
 */
@Module({})
export class CacheClassModule {}

export async function cacheClass(): Promise<DynamicModule> {
  const tokens = await load();
  const providers = tokens.map((provide) => ({ provide, useExisting: CACHE_MANAGER }));
  return { module: CacheClassModule, global: true, providers, exports: tokens };
}

/** Never rejects: nobody can inject by a class that can't be loaded. */
async function load(): Promise<(abstract new () => unknown)[]> {
  try {
    const { Cache } = (await import(PACKAGE)) as { Cache?: unknown }; // since 3.0
    return typeof Cache === 'function' ? [Cache as abstract new () => unknown] : [];
  } catch {
    return [];
  }
}
