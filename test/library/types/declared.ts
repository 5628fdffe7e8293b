/*
 * What the compiler accepts, and what it refuses, of an application that declares its resource types. A declaration counts for a whole
 * program, and so this file is one of its own: only `types.spec.ts` compiles it.
 */
import type { ExecutionContext } from '@nestjs/common';
import {
  CachedResource,
  CachedResourceFactory,
  defineResource,
  getCachedLeaseToken,
  getLeaseToken,
  type Lease,
  PooledResource,
  ResourceCoordinator,
  ResourceFactory,
  ResourcesModule,
  type ResourceTypeName,
  type ScopedLease,
} from 'nestjs-resources';
import type { ResourcesHealthIndicator } from 'nestjs-resources/terminus';

interface Client {
  query(text: string): Promise<number>;
  end(): Promise<void>;
}
interface Index {
  close(): void;
}

declare module 'nestjs-resources' {
  interface ResourceTypes {
    pg: Client;
    search: Index;
  }
}

declare const connect: (signal?: AbortSignal) => Promise<Client>;
declare const open: (key: string) => Index;
declare const coordinator: ResourceCoordinator;
declare const health: ResourcesHealthIndicator;
declare const computed: string;
declare const indexOf: (context: Pick<ExecutionContext, 'switchToHttp'>) => string;

const pg = defineResource({ create: () => connect(), destroy: (client) => client.end() });

// Names in decorators and tokens.
export class Orders {
  @PooledResource('pg') readonly pg!: ScopedLease<Client>;
  @CachedResource('search', indexOf) readonly search!: ScopedLease<Index>;
  // @ts-expect-error not declared
  @PooledResource('typo') readonly typo!: ScopedLease<Client>;
  // @ts-expect-error not declared
  @CachedResource('typo', 'only') readonly cachedTypo!: ScopedLease<Index>;
  // The lint reads this file beside those without declarations, where every text is a name.
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion
  @PooledResource(computed as ResourceTypeName) readonly computed!: ScopedLease<Client>;
}
@ResourceFactory('pg')
@CachedResourceFactory('search')
// @ts-expect-error not declared
@ResourceFactory('typo')
// @ts-expect-error not declared
@CachedResourceFactory('typo')
export class Factory {}
getLeaseToken('pg');
getCachedLeaseToken('search', 'only');
// @ts-expect-error not declared
getLeaseToken('typo');
// @ts-expect-error not declared
getCachedLeaseToken('typo', 'only');

// Names in calls: each stands for its resource.
export async function borrow(): Promise<void> {
  await (await coordinator.acquire('pg', { timeout: '1s' })).resource.end();
  coordinator.tryAcquire('search')?.resource.close();
  (await coordinator.acquireCached('search', 'orders')).resource.close();
  await coordinator.use('pg', (client) => client.end());
  (await coordinator.transaction('pg', (client, { depth }) => client.query(`${depth}`))) satisfies number;
  await coordinator.transaction('pg', (client, transaction) => client.query(`${transaction?.depth}`), {
    propagation: 'SUPPORTS',
  });
  // @ts-expect-error there may be none
  await coordinator.transaction('pg', (_, { depth }) => depth, { propagation: 'NEVER' });
  // @ts-expect-error not declared
  await coordinator.transaction('typo', () => 5);
  const [client, index] = await coordinator.acquireAll(['pg', 'search']);
  await client.resource.end();
  index.resource.close();
  // @ts-expect-error not declared
  await coordinator.acquire('typo');
  // @ts-expect-error not declared, whatever it is taken for
  const lease: Lease<Client> = await coordinator.acquire('typo');
  // @ts-expect-error another resource
  const other: Lease<Client> = await coordinator.acquire('search');
  // @ts-expect-error not declared
  coordinator.tryAcquire('typo');
  // @ts-expect-error not declared
  await coordinator.acquireCached('typo', 'orders');
  // @ts-expect-error not declared
  await coordinator.use('typo', () => 5);
  // @ts-expect-error not declared, whatever the work takes
  await coordinator.use('typo', (it: Client) => it.end());
  // @ts-expect-error a client has no such method
  await coordinator.use('pg', (it) => it.close());
  // @ts-expect-error not declared
  await coordinator.acquireAll(['pg', 'typo']);
  // @ts-expect-error computed, and so it may be anything
  await coordinator.acquire(computed);
  await coordinator.release([lease, other]);
}

// A call that states its resource takes any name, and answers for it.
export async function borrowStated(): Promise<void> {
  await (await coordinator.acquire<Client>(computed)).resource.end();
  await (await coordinator.acquire<Client>('typo')).resource.end();
  await coordinator.tryAcquire<Client>(computed)?.resource.end();
  (await coordinator.acquireCached<Index>(computed, 'orders')).resource.close();
  await coordinator.use<Client>(computed, (client) => client.end());
}

// Names of what there is.
export async function operate(): Promise<void> {
  for (const type of coordinator.pools.keys()) await coordinator.acquire(type);
  await coordinator.reconfigure('pg', { max: 3 });
  await coordinator.pools.get('pg')?.flush();
  (await health.ready('pg')).pg.status satisfies string;
  await health.startup('pg', 'search');
  (await health.check('pg')).pg.status satisfies string;
  (await health.check('database', 'pg')).database.status satisfies string;
  // @ts-expect-error not declared
  await coordinator.pools.get('typo')?.flush();
  // @ts-expect-error not declared
  coordinator.policies.get('typo');
  // @ts-expect-error not declared
  await coordinator.cachedResources.get('typo')?.clear();
  // @ts-expect-error not declared
  await coordinator.reconfigure('typo', { max: 3 });
  // @ts-expect-error not declared
  await coordinator.unregister('typo');
  // @ts-expect-error not declared
  await health.ready('typo');
  // @ts-expect-error not declared
  await health.startup('pg', 'typo');
  // @ts-expect-error not declared
  await health.check('typo');
  // @ts-expect-error not declared
  await health.check('pg', 'typo');
}

// A definition makes what its name is declared to stand for, wherever it is written.
ResourcesModule.forRoot({
  resources: { pg: { create: ({ signal }) => connect(signal), destroy: (client) => client.end() } },
  cachedResources: { search: { create: ({ key }) => open(key), destroy: (index) => index.close() } },
});
ResourcesModule.forRoot({ resources: { pg } });
ResourcesModule.forRoot({
  // @ts-expect-error a client has no such method
  resources: { pg: { create: ({ signal }) => connect(signal), reset: (it) => it.close() } },
});
// @ts-expect-error no client
ResourcesModule.forRoot({ resources: { pg: { create: () => new Date() } } });
// @ts-expect-error no client
ResourcesModule.forRoot({ resources: { pg: { create: ({ signal }) => signal, destroy: () => 5 } } });
// @ts-expect-error not declared
ResourcesModule.forRoot({ resources: { pg, typo: { create: () => new Date() } } });
// @ts-expect-error not declared
ResourcesModule.forRoot({ resources: { typo: pg } });
// @ts-expect-error an index is no client
ResourcesModule.forRoot({ cachedResources: { search: pg } });
ResourcesModule.forFeature({ pg });
// @ts-expect-error not declared
ResourcesModule.forFeature({ typo: pg });
// @ts-expect-error no client
ResourcesModule.forFeature({ pg: { create: () => new Date() } });
ResourcesModule.forRootAsync({
  useFactory: async (max: number) => ({
    resources: { pg: { create: ({ signal }) => connect(signal), reset: (it) => it.end(), pool: { max } } },
  }),
});
ResourcesModule.forRootAsync({
  useFactory: () => ({
    // @ts-expect-error a client has no such method
    resources: { pg: { create: ({ signal }) => connect(signal), destroy: (it) => it.close() } },
  }),
});
// @ts-expect-error not declared
ResourcesModule.forRootAsync({ useFactory: () => ({ resources: { typo: { create: () => new Date() } } }) });
export const made1 = new ResourceCoordinator({
  resources: { pg: { create: () => connect(), destroy: (it) => it.end() } },
});
export const made2 = new ResourceCoordinator({
  // @ts-expect-error a client has no such method
  resources: { pg: { create: () => connect(), destroy: (it) => it.close() } },
});
// @ts-expect-error not declared
export const made3 = new ResourceCoordinator({ resources: { typo: pg } });
coordinator.register('pg', { create: ({ signal }) => connect(signal), destroy: (client) => client.end() });
coordinator.registerCached('search', { create: ({ key }) => open(key), destroy: (it) => it.close() });
// What a type depends on.
coordinator.register(
  'pg',
  { create: () => connect() },
  { dependsOn: ['search'], startTimeout: '5s', max: 3 },
);
// @ts-expect-error not declared
coordinator.register('pg', { create: () => connect() }, { dependsOn: ['typo'] });
ResourcesModule.forRoot({
  resources: { pg: { ...pg, dependsOn: ['search'], optional: true } },
  cachedResources: { search: { create: ({ key }) => open(key), dependsOn: [] } },
});
// @ts-expect-error not declared
coordinator.phaseOf('typo');
// @ts-expect-error not declared
coordinator.register('typo', pg);
// @ts-expect-error no client
coordinator.register('pg', { create: () => new Date() });
// @ts-expect-error not declared
coordinator.registerCached('typo', { create: () => new Date() });
// @ts-expect-error no index
coordinator.registerCached('search', { create: () => new Date() });
// @ts-expect-error no client
void coordinator.reconfigure('pg', { factory: { create: () => new Date() } });
