import {
  type DynamicModule,
  Global,
  type INestApplicationContext,
  Injectable,
  Module,
  type ModuleMetadata,
  type OnModuleInit,
} from '@nestjs/common';
import { LazyModuleLoader, type ModuleRef, NestFactory } from '@nestjs/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Landscape, type Thing } from '../../coordinator/starting/landscape.fixture.js';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { settle } from '../../time/virtual-clock.fixture.js';
import { CachedResourceFactory } from '../decorators/cached-resource-factory.decorator.js';
import { PooledResource } from '../decorators/pooled-resource.decorator.js';
import { ResourceFactory } from '../decorators/resource-factory.decorator.js';
import { ResourcesModule } from '../resources.module.js';
import type { ScopedLease } from '../../scopes/scoped-lease.js';

describe('a module that is loaded lazily', () => {
  let land: Landscape;
  let app: INestApplicationContext;
  let coordinator: ResourceCoordinator;

  beforeEach(async () => {
    land = new Landscape();
    @Module({ imports: [ResourcesModule.forRoot({ clock: land.clock, resources: { pg: land.type('pg') } })] })
    class AppModule {}
    app = await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
    coordinator = app.get(ResourceCoordinator);
  });

  afterEach(async () => {
    await app.close();
    expect(land.alive.size).toBe(0);
  });

  const load = (metadata: ModuleMetadata): Promise<ModuleRef> => {
    @Module(metadata)
    class ReportsModule {}
    return app.get(LazyModuleLoader).load(() => ReportsModule);
  };

  it('registers the types of its features, which start at once and end with the others', async () => {
    @Injectable()
    class Scans {
      @PooledResource('scanner') readonly scanner!: ScopedLease<Thing>;
    }
    const scanner = land.type('scanner', { dependsOn: ['pg'] });
    const loaded = await load({ imports: [ResourcesModule.forFeature({ scanner })], providers: [Scans] });
    await settle();
    expect(coordinator.stats().phases).toEqual({ pg: 'ready', scanner: 'ready' });
    const found = await coordinator.run(() => loaded.get(Scans).scanner.use(({ type }) => type));
    expect(found).toBe('scanner');
    await app.close();
    expect(land.log).toEqual(['create pg', 'create scanner', 'destroy scanner', 'destroy pg']);
  });

  it('registers its factories, pooled and cached, in the order of what they depend on', async () => {
    @CachedResourceFactory('tenants', { dependsOn: ['sftp'] })
    class Tenants {
      create = (): object => ({});
    }
    @ResourceFactory('sftp', { dependsOn: ['scanner'], min: 1 })
    class Sftp {
      create = (): object => ({});
    }
    const feature = ResourcesModule.forFeature({ scanner: land.type('scanner', { dependsOn: ['pg'] }) });
    await load({ providers: [Tenants, Sftp], imports: [feature] });
    await settle();
    expect(coordinator.stats().phases).toEqual({
      pg: 'ready',
      scanner: 'ready',
      sftp: 'ready',
      tenants: 'ready',
    });
    await coordinator.run(async () => {
      await coordinator.acquireCached('tenants', 'acme');
      await coordinator.acquire('sftp');
    });
  });

  it('is refused for a type that is taken, by the names of both, and registers nothing then', async () => {
    @ResourceFactory('pg')
    class PgFactory {
      create = (): object => ({});
    }
    const feature = ResourcesModule.forFeature({ scanner: land.type('scanner') });
    await expect(load({ imports: [feature], providers: [PgFactory] })).rejects.toThrow(
      'is registered already: by ResourcesModule.forRoot(), and again by PgFactory in ReportsModule.',
    );
    expect(coordinator.stats()).toMatchObject({ phase: 'ready', phases: { pg: 'ready' } });
    coordinator.register('sftp', land.type('sftp'));
    await expect(
      load({ imports: [ResourcesModule.forFeature({ sftp: land.type('sftp') })] }),
    ).rejects.toThrow('is registered already: by register(), and again by ResourcesModule.forFeature() of');
    await coordinator.unregister('sftp');
    await load({ imports: [ResourcesModule.forFeature({ sftp: land.type('sftp') })] });
    expect(coordinator.pools.has('sftp')).toBe(true);
  });

  it('is refused for what it depends on that there is not, and while all ends', async () => {
    const unknown = ResourcesModule.forFeature({ scanner: land.type('scanner', { dependsOn: ['usb'] }) });
    await expect(load({ imports: [unknown] })).rejects.toThrow('No resource type "usb" is registered');
    const feature = ResourcesModule.forFeature({ scanner: land.type('scanner') });
    await app.close();
    await expect(load({ imports: [feature] })).rejects.toThrow('is shutting down');
  });

  it('may be loaded before the others have started, and by several at once', async () => {
    const feature = (type: string): DynamicModule => ResourcesModule.forFeature({ [type]: land.type(type) });
    @Injectable()
    class Loading implements OnModuleInit {
      constructor(private readonly loader: LazyModuleLoader) {}

      async onModuleInit(): Promise<void> {
        await this.loader.load(() => feature('during'));
      }
    }
    const clock = land.clock;
    @Global()
    @Module({ providers: [Loading] })
    class LoadingModule {}
    @Module({ imports: [LoadingModule, ResourcesModule.forRoot({ clock, logging: false })] })
    class AppModule {}
    const other = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
    const loader = other.get(LazyModuleLoader);
    await loader.load(() => feature('before'));
    await other.init();
    await Promise.all(['one', 'other'].map((type) => loader.load(() => feature(type))));
    await settle();
    expect(other.get(ResourceCoordinator).stats().phases).toEqual({
      before: 'ready',
      during: 'ready',
      one: 'ready',
      other: 'ready',
    });
    await other.close();
  });

  it('ends nothing of the application when it cannot be made, and may be loaded again', async () => {
    let attempts = 0;
    @Injectable()
    class Reports {
      constructor() {
        if (++attempts === 1) throw new Error('no template');
      }
    }
    @Module({ providers: [Reports] })
    class ReportsModule {}
    const loader = app.get(LazyModuleLoader);
    await expect(loader.load(() => ReportsModule)).rejects.toThrow('no template');
    expect(coordinator.stats()).toMatchObject({ phase: 'ready', phases: { pg: 'ready' } });
    await coordinator.use('pg', () => undefined);
    const loaded = await loader.load(() => ReportsModule);
    expect([loaded.get(Reports), attempts]).toEqual([expect.any(Reports), 2]);
  });
});
