import {
  type DynamicModule,
  type FactoryProvider,
  Inject,
  type MiddlewareConsumer,
  Module,
  type NestModule,
  type Provider,
} from '@nestjs/common';
import type { LeaseTerms } from '../scopes/lease-terms.js';
import { ResourceCoordinator } from '../coordinator/resource-coordinator.js';
import type { ResourceDefinitions } from '../coordinator/resource-definition.js';
import { ScopedLeaseProxy } from '../scopes/scoped-lease.js';
import { CacheExplorer } from './discovery/cache.explorer.js';
import { cachedLeaseProviders } from './caching/cached-lease-providers.js';
import { FeatureResources } from './feature-resources.js';
import type { WorkContext } from './contexts/work-context.js';
import { CONTEXT_PROVIDERS, WORK_CONTEXTS } from './contexts/work-contexts.js';
import { getLeaseToken } from './decorators/lease-token.js';
import { leasesDeclared } from './decorators/resource-usage.js';
import { ResourcesExplorer } from './discovery/resources.explorer.js';
import { ResourcesLifecycle } from './resources.lifecycle.js';
import {
  type ASYNC_OPTIONS_TYPE,
  ConfigurableResourcesModule,
  type OPTIONS_TYPE,
  RESOURCES_OPTIONS,
} from './resources.module-definition.js';
import type { ResourcesOptions } from './resources.options.js';

const PROVIDERS: Provider[] = [
  {
    provide: ResourceCoordinator,
    useFactory: (options: ResourcesOptions) => new ResourceCoordinator(options),
    inject: [RESOURCES_OPTIONS],
  },
  ResourcesExplorer,
  CacheExplorer,
  ResourcesLifecycle,
  ...CONTEXT_PROVIDERS,
];

/** The definitions of one feature. A module of its own, because only the root sets up requests and hooks. */
@Module({})
export class ResourcesFeatureModule {}

/**
 * Registers the coordinator, the scoped leases that `@PooledResource` injects, and what ties them to
 * requests and to the application's life. Import it once, in the root module, and first: Nest
 * then starts it before, and stops it after, everything that borrows.
 */
@Module({})
export class ResourcesModule extends ConfigurableResourcesModule implements NestModule {
  constructor(@Inject(WORK_CONTEXTS) private readonly contexts: readonly WorkContext[]) {
    super();
  }

  /** @throws InvalidOptionsError, when the application starts, for an option that cannot work */
  static override forRoot(options: typeof OPTIONS_TYPE): DynamicModule {
    return withLeases(super.forRoot(options), Object.keys(options.resources ?? {}));
  }

  /** As {@link forRoot}, with options from a factory or a class that has dependencies. */
  static override forRootAsync(options: typeof ASYNC_OPTIONS_TYPE): DynamicModule {
    return withLeases(super.forRootAsync(options), []);
  }

  /** Adds resource types where the feature that needs them is. Needs {@link forRoot} in the root module. */
  static forFeature(resources: ResourceDefinitions): DynamicModule {
    const leases = Object.keys(resources).map((type) => leaseProvider(type));
    const definitions = {
      provide: `RESOURCES:FEATURE:${Object.keys(resources).join(',')}`,
      useValue: new FeatureResources(resources),
    };
    return { module: ResourcesFeatureModule, providers: [definitions, ...leases], exports: leases };
  }

  /** Nest calls it after the providers are there and before the routes are. */
  configure(_consumer: MiddlewareConsumer): void {
    for (const context of this.contexts) context.follow();
  }
}

function leaseProvider(type: string, terms?: LeaseTerms): FactoryProvider {
  return {
    provide: getLeaseToken(type, terms),
    useFactory: (coordinator: ResourceCoordinator) => new ScopedLeaseProxy(coordinator, type, terms),
    inject: [ResourceCoordinator],
  };
}

/**
 * Nest reads the getters when it scans the module, after every decorator of the application has run:
 * only then are all types known that a class asks for. Never spread the result.
 */
function withLeases(definition: DynamicModule, types: string[]): DynamicModule {
  const leases = (): FactoryProvider[] => {
    const declared = leasesDeclared().map(({ type, terms }) => leaseProvider(type, terms));
    const providers = [...types.map((type) => leaseProvider(type)), ...declared];
    return [
      ...new Map(
        [...providers, ...cachedLeaseProviders()].map((provider) => [provider.provide, provider]),
      ).values(),
    ];
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
