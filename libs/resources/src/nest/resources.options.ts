import type { CoordinatorOptions } from '../coordinator/coordinator-options.js';

/** Options of {@link ResourcesModule.forRoot}. */
export type ResourcesOptions = CoordinatorOptions;
