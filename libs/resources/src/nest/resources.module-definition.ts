import { ConfigurableModuleBuilder } from '@nestjs/common';
import type { ResourcesOptions } from './resources.options.js';

export const {
  ConfigurableModuleClass: ConfigurableResourcesModule,
  MODULE_OPTIONS_TOKEN: RESOURCES_OPTIONS,
  OPTIONS_TYPE,
  ASYNC_OPTIONS_TYPE,
} = new ConfigurableModuleBuilder<ResourcesOptions>({ optionsInjectionToken: 'RESOURCES:OPTIONS' })
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createResourcesOptions')
  .build();
