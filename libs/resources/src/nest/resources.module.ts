import {
  type DynamicModule,
  type FactoryProvider,
  Inject,
  type MiddlewareConsumer,
  Module,
  type NestModule,
  type Provider,
} from '@nestjs/common';
import type { CoordinatorOptions } from '../coordinator/coordinator-options.js';
import { ResourceCoordinator } from '../coordinator/resource-coordinator.js';
import type { InferredDefinitions, ResourceDefinitions } from '../coordinator/resource-definition.js';
import { ResourceOverrides } from '../coordinator/resource-overrides.js';
import { definitionsOf } from '../options/definitions.js';
import { AdminAccess } from './admin-access.js';
import { TransactionalMethodsExplorer } from './transactions/transactional-methods.explorer.js';
import { CachedMethodsExplorer } from './caching/cached-methods.explorer.js';
import type { WorkContext } from './contexts/work-context.js';
import { CONTEXT_PROVIDERS, WORK_CONTEXTS } from './contexts/work-contexts.js';
import { pooledLease } from './decorators/pooled-resource.decorator.js';
import { leasesDeclared } from './decorators/resource-usage.js';
import { FeatureResources } from './discovery/feature-resources.js';
import { leaseProvider } from './discovery/lease-provider.js';
import { refuseReplacedCoordinator } from './discovery/refuse-replaced.js';
import { markModule } from './discovery/module-mark.js';
import { PlaceWarning } from './discovery/place-warning.js';
import { watchApplications } from './discovery/watch-applications.js';
import { ResourcesExplorer } from './discovery/resources.explorer.js';
import { checkAsyncOptions, checkRootOptions, typesOf, withCheckedOptions } from './module-arguments.js';
import { ResourcesLog } from './log/resources-log.js';
import { PhaseLog } from './log/phase-log.js';
import { TroubleLog } from './log/trouble-log.js';
import { withProcessors } from './processors-option.js';
import { ResourcesLifecycle } from './resources.lifecycle.js';
import { HooksWarning } from './shutdown/hooks-warning.js';
import { ShutdownSignals } from './shutdown/shutdown-signals.js';
import {
  ConfigurableResourcesModule,
  type ResourcesAsyncOptions,
  type ResourcesExtras,
} from './resources.module-definition.js';
import {
  coordinatorOptionsOf,
  type InferredOptions,
  plainOptions,
  RESOURCES_OPTIONS,
  type ResourcesOptions,
} from './resources.options.js';

const PROVIDERS: Provider[] = [
  {
    provide: ResourceCoordinator,
    useFactory: (options: ResourcesOptions, overrides: ResourceOverrides) => {
      const make = (all: CoordinatorOptions): ResourceCoordinator =>
        new ResourceCoordinator(all, overrides.enforce());
      const plain = coordinatorOptionsOf(options);
      return options.processors === undefined
        ? make(plain)
        : withProcessors(plain, options.processors).then(make);
    },
    inject: [RESOURCES_OPTIONS, ResourceOverrides],
  },
  { provide: ResourceOverrides, useValue: new ResourceOverrides() },
  ResourcesLog,
  TroubleLog,
  PhaseLog,
  ResourcesExplorer,
  CachedMethodsExplorer,
  TransactionalMethodsExplorer,
  AdminAccess,
  ResourcesLifecycle,
  ShutdownSignals,
  HooksWarning,
  PlaceWarning,
  ...CONTEXT_PROVIDERS,
];

watchApplications();

/** What the factories of a module make, by resource type. */
type Resources = Record<string, unknown>;

/** The definitions of one feature. A module of its own, because only the root sets up requests and hooks. */
@markModule('feature')
@Module({})
export class ResourcesFeatureModule {}

/**
 * Registers the coordinator, the scoped leases that `@PooledResource` injects, and what ties them to
 * requests and to the application's life. Import it once, in the root module, and first: Nest
 * then starts it before, and stops it after, everything that borrows.
 */
@markModule('root')
@Module({})
export class ResourcesModule extends ConfigurableResourcesModule implements NestModule {
  /** @throws InvalidOptionsError when a test has replaced the coordinator by something else */
  constructor(
    @Inject(WORK_CONTEXTS) private readonly contexts: readonly WorkContext[],
    coordinator: ResourceCoordinator,
  ) {
    super();
    refuseReplacedCoordinator(coordinator);
  }

  /**
   * What the factories make is inferred: see {@link InferredDefinitions}.
   *
   * @throws InvalidOptionsError if they are no options, and, when the application starts, for an option that cannot work
   */
  static override forRoot<R extends Resources, C extends Resources>(
    options: InferredOptions<R, C> & ResourcesExtras,
  ): DynamicModule {
    const given = options as ResourcesOptions & ResourcesExtras; // a definition that may be undefined is refused when it is read
    checkRootOptions(given);
    const plain = plainOptions(given);
    return withLeases(super.forRoot(plain), [...typesOf(plain.resources), ...typesOf(plain.processors)]);
  }

  /**
   * As {@link forRoot}, with options from a factory or a class that has dependencies.
   *
   * @throws InvalidOptionsError if it does not say where they come from, and, when the application starts, if there come none
   */
  static override forRootAsync<R extends Resources, C extends Resources>(
    options: ResourcesAsyncOptions<InferredOptions<R, C>>,
  ): DynamicModule {
    const given = options as ResourcesAsyncOptions<ResourcesOptions>; // the same
    checkAsyncOptions(given);
    const definition = super.forRootAsync(given);
    return withLeases(withCheckedOptions(definition, given.useFactory === undefined), []);
  }

  /**
   * Adds resource types in the module of the feature that needs them. Needs {@link forRoot} in the root module.
   *
   * @throws InvalidOptionsError if they are no definitions, and, when the application starts, for one that cannot work
   */
  static forFeature<R extends Resources>(resources: InferredDefinitions<R>): DynamicModule {
    const given = resources as ResourceDefinitions; // the same
    const types = definitionsOf(given, 'forFeature').map(([type]) => type);
    const leases = types.map((type) => leaseProvider(pooledLease(type)));
    const definitions = {
      provide: `RESOURCES:FEATURE:${types.join(',')}`,
      useValue: new FeatureResources(given),
    };
    return { module: ResourcesFeatureModule, providers: [definitions, ...leases], exports: leases };
  }

  /** Nest calls it after the providers are made and before the routes are. */
  configure(_consumer: MiddlewareConsumer): void {
    for (const context of this.contexts) context.follow();
  }
}

/**
 * Nest reads the getters when it scans the module, after every decorator of the application has run:
 * only then are all types that a class asks for known. Never spread the result.
 */
function withLeases(definition: DynamicModule, types: string[]): DynamicModule {
  const leases = (): FactoryProvider[] => {
    const all = [...types.map((type) => pooledLease(type)), ...leasesDeclared()];
    return [...new Map(all.map((lease) => [lease.token, lease])).values()].map((lease) =>
      leaseProvider(lease),
    );
  };
  const { imports, module, providers = [], exports = [] } = definition;
  return {
    module,
    imports,
    global: true,
    get providers() {
      return [...providers, ...PROVIDERS, ...leases()];
    },
    get exports() {
      return [...exports, ResourceCoordinator, ...leases().map(({ provide }) => provide)];
    },
  };
}
