import type { DynamicModule, FactoryProvider } from '@nestjs/common';
import type { Cache } from 'cache-manager';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { ResourcesLog } from '../log/resources-log.js';
import { warnOfUrlKeys } from './url-key-warning.js';

/** The injection token of `@nestjs/cache-manager`, which need not be installed. */
const CACHE_MANAGER = 'CACHE_MANAGER';

const manager: FactoryProvider<Cache> = {
  provide: CACHE_MANAGER,
  useFactory: (coordinator: ResourceCoordinator, log: ResourcesLog) =>
    warnOfUrlKeys(coordinator.cache.manager, log),
  inject: [ResourceCoordinator, ResourcesLog],
};

/** Adds the coordinator's cache under the token of `@nestjs/cache-manager`. */
export function withCacheManager(definition: DynamicModule): DynamicModule {
  const { providers = [], exports = [] } = definition;
  return { ...definition, providers: [...providers, manager], exports: [...exports, CACHE_MANAGER] };
}
