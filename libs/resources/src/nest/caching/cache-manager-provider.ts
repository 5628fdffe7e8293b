import type { DynamicModule, FactoryProvider } from '@nestjs/common';
import type { Cache } from 'cache-manager';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { ResourcesLog } from '../log/resources-log.js';
import { CACHE_MANAGER, cacheClass } from './cache-class.module.js';
import { warnOfUrlKeys } from './url-key-warning.js';

const manager: FactoryProvider<Cache> = {
  provide: CACHE_MANAGER,
  useFactory: (coordinator: ResourceCoordinator, log: ResourcesLog) =>
    warnOfUrlKeys(coordinator.cache.manager, log),
  inject: [ResourceCoordinator, ResourcesLog],
};

/** Adds the coordinator's cache under the tokens of `@nestjs/cache-manager`. */
export function withCacheManager(definition: DynamicModule): DynamicModule {
  const { imports = [], providers = [], exports = [] } = definition;
  return {
    ...definition,
    imports: [...imports, cacheClass()],
    providers: [...providers, manager],
    exports: [...exports, CACHE_MANAGER],
  };
}
