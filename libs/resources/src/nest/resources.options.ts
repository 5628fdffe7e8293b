import type {
  CachedResourceDefinitions,
  InferredCachedDefinitions,
} from '../coordinator/cached-resource-definition.js';
import { COORDINATOR_OPTIONS, type CoordinatorOptions } from '../coordinator/coordinator-options.js';
import type { ProcessorDefinitions } from '../coordinator/processors/processor-definition.js';
import type { InferredDefinitions, ResourceDefinitions } from '../coordinator/resource-definition.js';
import { checkOptions, OWN_NAME } from '../options/option-reader.js';
import type { AdminOptions } from '../admin/admin-options.js';

/** The injection token of the options as they were given. */
export const RESOURCES_OPTIONS = 'RESOURCES:OPTIONS';

/** The levels of the lines that this package logs, the most severe first. */
export const LOG_LEVELS = ['error', 'warn', 'log'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Options of {@link ResourcesModule.forRoot}. */
export interface ResourcesOptions<
  R = ResourceDefinitions,
  C = CachedResourceDefinitions,
> extends CoordinatorOptions<R, C> {
  /**
   * What this package writes to Nest's log: the least severe level that is written (`'error'`, `'warn'`, `'log'`), `true` for all,
   * `false` for nothing. Default `true`.
   */
  logging?: boolean | LogLevel;
  /** Worker threads by resource type, lent as any other resource. They need the package `piscina`. Default: none. */
  processors?: ProcessorDefinitions;
  /** How the running application is administered by the command line `nestjs-resources`. Default: not at all. */
  admin?: AdminOptions;
}

/** {@link ResourcesOptions} that are written out where they are used: what the factories make is inferred. */
export type InferredOptions<R, C> = ResourcesOptions<InferredDefinitions<R>, InferredCachedDefinitions<C>>;

/**
 * The same options as members of a plain object. Whoever gives an instance of a class may have them by getters, or inherit them, and
 * neither outlives a copy, of which Nest makes one, too.
 */
export function plainOptions<O extends ResourcesOptions>(options: O): O {
  const plain = { ...options };
  for (const name of ['logging', 'processors', 'admin', ...COORDINATOR_OPTIONS] as const)
    if (!Object.hasOwn(plain, name) && options[name] !== undefined)
      Object.assign(plain, { [name]: options[name] });
  return plain;
}

/** @returns what the coordinator needs to know @throws InvalidOptionsError if they are no options */
export function coordinatorOptionsOf(options: ResourcesOptions): CoordinatorOptions {
  checkOptions(options, 'options');
  const { logging: _, processors: __, admin: ___, ...rest } = options;
  return rest;
}

/** @returns the least severe level that is logged; false for none @throws InvalidOptionsError */
export function readLogging({ logging = true }: ResourcesOptions): LogLevel | false {
  if (typeof logging === 'boolean') return logging && 'log';
  return OWN_NAME.oneOf('logging', logging, LOG_LEVELS, 'log');
}
