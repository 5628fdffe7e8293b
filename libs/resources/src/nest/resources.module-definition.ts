import { ConfigurableModuleBuilder } from '@nestjs/common';
import { withCacheManager } from './caching/cache-manager-provider.js';
import { RESOURCES_OPTIONS, type ResourcesOptions } from './resources.options.js';

/** What stands beside the options of `forRoot()` and `forRootAsync()`, because Nest must know it before they are read. */
export interface ResourcesExtras {
  /** Whether to provide the coordinator's cache globally as `CACHE_MANAGER` and `Cache` of `@nestjs/cache-manager`. Default false. */
  cacheManager?: boolean;
}

export const {
  ConfigurableModuleClass: ConfigurableResourcesModule,
  OPTIONS_TYPE,
  ASYNC_OPTIONS_TYPE,
} = new ConfigurableModuleBuilder<ResourcesOptions>({ optionsInjectionToken: RESOURCES_OPTIONS })
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createResourcesOptions')
  .setExtras<ResourcesExtras>({ cacheManager: false }, (definition, { cacheManager }) =>
    cacheManager === true ? withCacheManager(definition) : definition,
  )
  .build();
