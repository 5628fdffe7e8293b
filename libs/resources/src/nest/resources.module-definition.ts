import { type ConfigurableModuleAsyncOptions, ConfigurableModuleBuilder } from '@nestjs/common';
import { withCacheManager } from './caching/cache-manager-provider.js';
import { RESOURCES_OPTIONS, type ResourcesOptions } from './resources.options.js';

/** What stands beside the options of `forRoot()` and `forRootAsync()`, because Nest must know it before they are read. */
export interface ResourcesExtras {
  /** Whether to provide the coordinator's cache globally as `CACHE_MANAGER` and `Cache` of `@nestjs/cache-manager`. Default false. */
  cacheManager?: boolean;
}

/** The method of a class that `forRootAsync()` is given. */
const OPTIONS_METHOD = 'createResourcesOptions';

/** Options of `forRootAsync()`. */
export type ResourcesAsyncOptions<Options> = ConfigurableModuleAsyncOptions<Options, typeof OPTIONS_METHOD> &
  ResourcesExtras;

export const { ConfigurableModuleClass: ConfigurableResourcesModule } =
  new ConfigurableModuleBuilder<ResourcesOptions>({ optionsInjectionToken: RESOURCES_OPTIONS })
    .setClassMethodName('forRoot')
    .setFactoryMethodName(OPTIONS_METHOD)
    .setExtras<ResourcesExtras>({ cacheManager: false }, (definition, { cacheManager }) =>
      cacheManager === true ? withCacheManager(definition) : definition,
    )
    .build();
