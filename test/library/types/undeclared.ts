/*
 * What the compiler accepts, and what it refuses, of an application that declares no resource types. It is only compiled, with the others
 * of the workspace and by `types.spec.ts`, and not run.
 */
import type { ExecutionContext } from '@nestjs/common';
import {
  CachedResource,
  type CreateContext,
  defineResource,
  getLeaseToken,
  type Lease,
  type PoolOptions,
  PooledResource,
  ResourceCoordinator,
  type ResourceDefinition,
  type ResourceDefinitions,
  ResourceFactory,
  ResourcesModule,
  type ScopedLease,
} from 'nestjs-resources';
import type { ResourcesHealthIndicator } from 'nestjs-resources/terminus';

interface Client {
  query(text: string): Promise<number>;
  end(): Promise<void>;
}
declare const connect: (signal?: AbortSignal) => Promise<Client>;
declare const coordinator: ResourceCoordinator;
declare const health: ResourcesHealthIndicator;
declare const settings: PoolOptions;
declare const note: (resource: unknown) => void;
declare const tenantOf: (context: Pick<ExecutionContext, 'switchToHttp'>) => string;

// A definition by itself: `create` says what the other methods take, however it is written.
const pg = defineResource({
  create: async ({ signal }) => await connect(signal),
  destroy: (client) => client.end(),
  validate: async (client) => (await client.query('SELECT 1')) === 1,
  reset: (client) => client.query('DISCARD ALL'),
  pool: { max: 2 },
});
pg satisfies ResourceDefinition<Client>;
defineResource({ create: () => connect(), dependsOn: ['tunnel'], optional: true, startTimeout: '5s' });
// @ts-expect-error a name is not a list of names
defineResource({ create: () => connect(), dependsOn: 'tunnel' });
defineResource({
  async create({ retire }) {
    retire();
    return await connect();
  },
  destroy(client) {
    return client.end();
  },
});
defineResource({ create: () => 5, validate: (port) => port > 1_024 });
defineResource({ create: () => connect(), destroy: note, reset: (client) => client.end() });
defineResource({ create: () => connect(), destroy: note, reset: (client) => client.end(), cache: undefined });
defineResource({ create: ({ key }) => key, destroy: note, validate: (name) => name !== '', cache: {} });
// @ts-expect-error a client is no date
defineResource({ create: () => connect(), destroy: (date: Date) => date.getTime() });
// @ts-expect-error a client has no such method
defineResource({ create: ({ signal }) => connect(signal), destroy: (client) => client.close() });
// @ts-expect-error a client has no such method
defineResource({ create: () => connect(), reset: (client) => client.reset() });
// @ts-expect-error neither true nor false
defineResource({ create: () => connect(), validate: (client) => client.query('SELECT 1') });
// @ts-expect-error it is called "destroy"
defineResource({ create: () => connect(), dispose: (client: Client) => client.end() });
// @ts-expect-error options of the pool stand under "pool"
defineResource({ create: () => connect(), max: 3 });

// A key is there to create for where there are keys.
defineResource({ create: ({ key }) => key, reset: (name) => name.length, pool: { keyed: {} } });
defineResource({ create: ({ key }) => key, reset: (name) => name.length, pool: settings });
defineResource({ create: ({ key }) => key, destroy: (name) => name.length, cache: {} });
// @ts-expect-error one pool for all has no key
defineResource({ create: ({ key }) => key, pool: { max: 3 } });

// A cached resource is not reset, and has no pool.
const tenantDb = defineResource({
  create: ({ key, signal }) => (key === '' ? connect() : connect(signal)),
  destroy: (client) => client.end(),
  validate: async (client) => (await client.query('SELECT 1')) === 1,
  cache: { max: 50 },
});
// @ts-expect-error others may be using it
defineResource({ create: () => connect(), reset: (client: Client) => client.end(), cache: {} });
// @ts-expect-error one of the two
defineResource({ create: () => connect(), pool: {}, cache: {} });
ResourcesModule.forRoot({ resources: { pg }, cachedResources: { tenantDb } });
// @ts-expect-error a cached one has no pool
ResourcesModule.forRoot({ resources: { tenantDb } });
// @ts-expect-error a pooled one would not be reset
ResourcesModule.forRoot({ cachedResources: { pg } });

// Definitions inside of an object: each has its own resource.
ResourcesModule.forRoot({
  resources: {
    date: { create: () => new Date(), destroy: (date) => date.getTime(), reset: note },
    port: { create: async () => 5, validate: (port) => port > 1_024, pool: { max: 1 } },
    pg: { create: ({ signal }) => connect(signal), destroy: (client) => client.end() },
  },
  cachedResources: { name: { create: () => 'name', destroy: (name) => name.length, cache: { max: 3 } } },
  cacheManager: true,
});
ResourcesModule.forRoot({
  // @ts-expect-error a date has no such member
  resources: { date: { create: () => new Date(), destroy: (date) => date.nonsense } },
});
ResourcesModule.forRoot({
  resources: {
    pg: { create: ({ signal }) => connect(signal), destroy: (client) => client.end() },
    date: {
      create() {
        return new Date();
      },
      // @ts-expect-error a date has no such member
      destroy: (date) => date.nonsense.deep,
    },
  },
});
ResourcesModule.forRoot({
  resources: {
    // @ts-expect-error a client has no such method
    pg: { create: async (it: CreateContext) => await connect(it.signal), reset: (it) => it.close() },
  },
});
ResourcesModule.forRoot({
  // @ts-expect-error a date has no such member
  cachedResources: { date: { create: () => new Date(), destroy: (it) => it.close() } },
});
// @ts-expect-error a cached resource is not reset
ResourcesModule.forRoot({ cachedResources: { date: { create: () => new Date(), reset: () => 5 } } });
// @ts-expect-error options of the pool stand under "pool"
ResourcesModule.forRoot({ resources: { date: { create: () => new Date(), max: 3 } } });
// @ts-expect-error no "create"
ResourcesModule.forRoot({ resources: { date: { creates: () => new Date() } } });
ResourcesModule.forFeature({ date: { create: () => new Date(), destroy: (date) => date.getTime() } });
// @ts-expect-error a date has no such member
ResourcesModule.forFeature({ date: { create: () => new Date(), destroy: (date) => date.nonsense } });
ResourcesModule.forRootAsync({
  useFactory: (port: number) => ({
    resources: {
      pg,
      // @ts-expect-error a client has no such method
      own: defineResource({ create: () => connect(), destroy: (client) => client.close(port) }),
    },
  }),
});

// Where nothing can be inferred, anything goes: written out, or an instance of a class.
ResourcesModule.forRoot({
  resources: { pg: { create: (it) => connect(it.signal), reset: (c) => c.anything() } },
});
declare const definitions: ResourceDefinitions;
ResourcesModule.forRoot({ resources: definitions });
ResourcesModule.forRoot({
  resources: settings.max === undefined ? { date: { create: () => new Date() } } : {},
  cachedResources: { ...(settings.max === 5 && { tenantDb }) },
});
export const made1 = new ResourceCoordinator({ resources: { pg, date: { create: () => new Date() } } });
@ResourceFactory('pg', { max: 2 })
class PgFactory implements ResourceFactory<Client> {
  readonly pool = settings;
  create(): Promise<Client> {
    return connect();
  }
  destroy(client: Client): Promise<void> {
    return client.end();
  }
}
ResourcesModule.forRoot({ resources: { pg: new PgFactory() } });

// Types that come later.
coordinator.register('pg', { create: ({ signal }) => connect(signal), destroy: (client) => client.end() });
coordinator.register<Client>('pg', pg);
// @ts-expect-error a client has no such method
coordinator.register('pg', { create: ({ signal }) => connect(signal), destroy: (client) => client.close() });
// @ts-expect-error a client has no such method
coordinator.registerCached('pg', { create: () => connect(), destroy: (client) => client.close() });
void coordinator.reconfigure('pg', { max: 3, factory: { create: () => connect(), reset: (it) => it.end() } });
// @ts-expect-error a client has no such method
void coordinator.reconfigure('pg', { factory: { create: () => connect(), reset: (it) => it.reset() } });

// Any text is a name, and stands for what the call says.
export async function borrow(name: string): Promise<void> {
  (await coordinator.acquire('pg')) satisfies Lease<unknown>;
  // @ts-expect-error nothing says that it is a client
  (await coordinator.acquire('pg')).resource.end();
  await (await coordinator.acquire<Client>(name, { timeout: '1s' })).resource.end();
  const lease: Lease<Client> = await coordinator.acquire('pg');
  await coordinator.use('pg', (client: Client) => client.end());
  await coordinator.use<Client>('pg', (client) => client.end());
  await coordinator.tryAcquire<Client>('pg')?.resource.end();
  await (await coordinator.acquireCached<Client>('tenantDb', 'acme')).resource.end();
  const [first] = await coordinator.acquireAll(['pg', name]);
  await coordinator.release([lease, first]);
  for (const [type, pool] of coordinator.pools) await coordinator.unregister(pool.closed ? name : type);
  await coordinator.pools.get(name)?.flush();
  getLeaseToken(name);
  (await health.ready(name, 'pg')).resources.status satisfies string;
  (await health.startup()).resources.status satisfies string;
  (await health.check('database', name)).database.status satisfies string;
}

export class Orders {
  @PooledResource('anything') readonly pg!: ScopedLease<Client>;
  @CachedResource('anything', tenantOf) readonly tenantDb!: ScopedLease<Client>;
}
