import {
  Global,
  Injectable,
  Module,
  type ModuleMetadata,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type Type,
} from '@nestjs/common';
import { LazyModuleLoader, NestFactory } from '@nestjs/core';
import { Transport } from '@nestjs/microservices';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { describe, expect, it } from '@jest/globals';
import { ResourceCoordinator, ResourcesModule, type ResourcesOptions } from 'nestjs-resources';
import { eventually } from '../../eventually.fixture.js';
import { ADAPTERS } from '../http/lending-app.fixture.js';
import { SessionFactory } from '../http/session.fixture.js';

const SILENT = { logger: false, abortOnError: false } as const;

/** The root module of an application, with sessions that are there when it has started. */
function application(metadata: ModuleMetadata = {}, options: ResourcesOptions = {}) {
  const factory = new SessionFactory();
  const { imports = [], ...rest } = metadata;
  const resources = { session: factory.definition({ min: 2 }) };
  @Module({ ...rest, imports: [ResourcesModule.forRoot({ resources, ...options }), ...imports] })
  class AppModule {}
  return { factory, AppModule };
}

const adapterOf = (name: string): ExpressAdapter | FastifyAdapter =>
  name === 'express' ? new ExpressAdapter() : new FastifyAdapter();

/** Longer than any test: who waits for it has failed. */
const NEVER_OVER = '1h';

describe('a shutdown', () => {
  const orders = [
    ['first', 0],
    ['in the middle', 1],
    ['last', 2],
  ] as const;

  it.each(orders)(
    'ends everything once, wherever among the imports the module stands: %s',
    async (_, place) => {
      const borrowed: string[] = [];
      const borrower = (name: string): Type => {
        @Injectable()
        class Borrower implements OnApplicationBootstrap, OnModuleDestroy {
          constructor(private readonly coordinator: ResourceCoordinator) {}

          onApplicationBootstrap(): Promise<void> {
            return this.coordinator.use('session', () => void borrowed.push(`${name} started`));
          }

          onModuleDestroy(): Promise<void> {
            return this.coordinator.use('session', () => void borrowed.push(`${name} stopped`));
          }
        }
        @Module({ providers: [Borrower] })
        class BorrowingModule {}
        return BorrowingModule;
      };
      const factory = new SessionFactory();
      const root = ResourcesModule.forRoot({ resources: { session: factory.definition({ min: 2 }) } });
      const others = [borrower('one'), borrower('other')];
      const imports = [...others.slice(0, place), root, ...others.slice(place)];
      @Module({ imports })
      class AppModule {}
      const app = await NestFactory.create(AppModule, SILENT);
      await app.listen(0, '127.0.0.1');
      await app.close();
      expect(borrowed.toSorted()).toEqual(['one started', 'one stopped', 'other started', 'other stopped']);
      expect(factory).toMatchObject({ alive: 0 });
    },
  );

  it('ends what was registered at run time, and in a module that was loaded late', async () => {
    const late = new SessionFactory();
    const lazy = new SessionFactory();
    const { factory, AppModule } = application();
    const app = await NestFactory.create(AppModule, SILENT);
    await app.listen(0, '127.0.0.1');
    const coordinator = app.get(ResourceCoordinator);
    const { pool: latePool, ...lateFactory } = late.definition({ min: 1 });
    coordinator.register('late', lateFactory, latePool);
    @Injectable()
    class Reports {
      constructor(resources: ResourceCoordinator) {
        const { pool, ...definition } = lazy.definition();
        resources.register('lazy', definition, pool);
      }
    }
    @Module({ providers: [Reports] })
    class ReportsModule {}
    await app.get(LazyModuleLoader).load(() => ReportsModule);
    for (const type of ['late', 'lazy']) await coordinator.use(type, () => undefined);
    expect([late.alive, lazy.alive]).toEqual([1, 1]);
    await app.close();
    expect([factory.alive, late.alive, lazy.alive]).toEqual([0, 0, 0]);
    expect(coordinator.drainReport).toMatchObject({ clean: true });
  });

  it('of a hybrid application announces first, and ends everything once', async () => {
    const { factory, AppModule } = application({}, { announceFor: 100 });
    const app = await NestFactory.create(AppModule, SILENT);
    app.connectMicroservice({ transport: Transport.TCP, options: { host: '127.0.0.1', port: 0 } });
    await app.startAllMicroservices();
    await app.listen(0, '127.0.0.1');
    await app.close();
    expect(factory.alive).toBe(0);
    expect(app.get(ResourceCoordinator).drainReport?.steps.announce).toBeGreaterThan(50);
  });

  it('of a microservice, of a context, and of an application that never listened has nobody to announce it to', async () => {
    const kinds = [
      (root: Type) => NestFactory.createApplicationContext(root, SILENT),
      async (root: Type) => await (await NestFactory.create(root, SILENT)).init(),
      async (root: Type) =>
        await NestFactory.createMicroservice(root, {
          ...SILENT,
          transport: Transport.TCP,
          options: { host: '127.0.0.1', port: 0 },
        }).then(async (service) => {
          await service.listen();
          return service;
        }),
    ];
    for (const start of kinds) {
      const { factory, AppModule } = application({}, { announceFor: NEVER_OVER });
      const app = await start(AppModule);
      const coordinator = app.get(ResourceCoordinator);
      const paused: boolean[] = [];
      coordinator.onDrain(() => void paused.push(coordinator.draining));
      expect([factory.alive, coordinator.announced]).toEqual([2, false]);
      await app.close();
      expect([factory.alive, coordinator.announced]).toEqual([0, true]);
      expect(paused).toEqual([false]);
    }
  });

  it('of a context is announced by whoever asks for it', async () => {
    const { AppModule } = application({}, { announceFor: 50 });
    const context = await NestFactory.createApplicationContext(AppModule, SILENT);
    const coordinator = context.get(ResourceCoordinator);
    const announcement = coordinator.announce();
    expect([coordinator.announced, coordinator.draining]).toEqual([true, false]);
    await announcement;
    await context.close();
    expect(coordinator.drainReport?.steps.announce).toBeGreaterThan(20);
  });

  it('of one application of several touches no other, whatever they share', async () => {
    const one = application({}, { announceFor: 50 });
    const other = application();
    const apps = [
      await NestFactory.create(one.AppModule, SILENT),
      await NestFactory.create(other.AppModule, SILENT),
    ];
    for (const app of apps) await app.listen(0, '127.0.0.1');
    const [first, second] = apps.map((app) => app.get(ResourceCoordinator));
    await apps[0].close();
    expect([one.factory.alive, other.factory.alive]).toEqual([0, 2]);
    expect([first.announced, second.announced, second.draining]).toEqual([true, false, false]);
    expect(await second.use('session', () => 'lent')).toBe('lent');
    await apps[1].close();
    expect(other.factory.alive).toBe(0);
  });
});

describe.each(ADAPTERS)('a shutdown on %s', (adapter) => {
  it('may be asked for twice, at once and later', async () => {
    const { factory, AppModule } = application({}, { announceFor: 50 });
    const app = await NestFactory.create(AppModule, adapterOf(adapter), SILENT);
    await app.listen(0, '127.0.0.1');
    const paused: string[] = [];
    app.get(ResourceCoordinator).onDrain(() => void paused.push('paused'));
    await Promise.all([app.close(), app.close()]);
    const report = app.get(ResourceCoordinator).drainReport;
    await app.close();
    expect(factory.alive).toBe(0);
    expect(paused).toEqual(['paused']);
    expect(app.get(ResourceCoordinator).drainReport).toBe(report);
  });

  it('that begins before the module has started makes nothing any more, and leaves nothing behind', async () => {
    let begun = (): void => undefined;
    const slow = new Promise<void>((resolve) => (begun = resolve));
    let go = (): void => undefined;
    const gate = new Promise<void>((resolve) => (go = resolve));
    @Injectable()
    class Slow {
      async onModuleInit(): Promise<void> {
        begun();
        await gate;
      }
    }
    @Global()
    @Module({ providers: [Slow] })
    class SlowModule {}
    const factory = new SessionFactory();
    const resources = { session: factory.definition({ min: 2 }) };
    @Module({ imports: [SlowModule, ResourcesModule.forRoot({ resources })] })
    class AppModule {}
    const app = await NestFactory.create(AppModule, adapterOf(adapter), SILENT);
    const starting = Promise.allSettled([app.init()]); // Fastify's does not begin once it was closed
    await slow;
    await app.close();
    go();
    await starting;
    expect(factory.alive).toBe(0);
    expect(app.get(ResourceCoordinator).stats()).toMatchObject({ pools: {}, troubles: [] });
  });

  it('is announced by a later hook where Nest calls none before the others', async () => {
    const platform = adapterOf(adapter);
    Object.defineProperty(platform, 'beforeClose', { value: undefined, writable: true }); // as in Nest 11
    const told: string[] = [];
    @Injectable()
    class Upstream implements OnModuleDestroy {
      constructor(private readonly coordinator: ResourceCoordinator) {}

      onModuleDestroy(): void {
        told.push(`upstream stops, announced: ${this.coordinator.announced}`);
      }
    }
    const { AppModule } = application({ providers: [Upstream] }, { announceFor: 50 });
    const app = await NestFactory.create(AppModule, platform, SILENT);
    await app.listen(0, '127.0.0.1');
    const coordinator = app.get(ResourceCoordinator);
    coordinator.onDrain(() => void told.push(`paused, announced: ${coordinator.announced}`));
    await app.close();
    expect(told).toEqual(['upstream stops, announced: false', 'paused, announced: true']);
    expect(coordinator.drainReport?.steps.announce).toBeGreaterThan(20);
  });

  it('that is announced by hand before close() comes before every hook there, too', async () => {
    const platform = adapterOf(adapter);
    Object.defineProperty(platform, 'beforeClose', { value: undefined, writable: true });
    const told: boolean[] = [];
    @Injectable()
    class Upstream implements OnModuleDestroy {
      constructor(private readonly coordinator: ResourceCoordinator) {}

      onModuleDestroy(): void {
        told.push(this.coordinator.announced);
      }
    }
    const { AppModule } = application({ providers: [Upstream] }, { announceFor: 50 });
    const app = await NestFactory.create(AppModule, platform, SILENT);
    await app.listen(0, '127.0.0.1');
    await app.get(ResourceCoordinator).announce();
    await app.close();
    expect(told).toEqual([true]);
  });

  it('of two applications on one server announces both', async () => {
    const { AppModule } = application({}, { announceFor: 30 });
    const other = application({}, { announceFor: 30 });
    const platform = adapterOf(adapter);
    const first = await NestFactory.create(AppModule, platform, SILENT);
    const second = await NestFactory.create(other.AppModule, adapterOf(adapter), SILENT);
    await first.listen(0, '127.0.0.1');
    await second.listen(0, '127.0.0.1');
    await Promise.all([first.close(), second.close()]);
    for (const app of [first, second])
      expect(app.get(ResourceCoordinator).drainReport?.steps.announce).toBeGreaterThan(10);
    await eventually(() => expect(other.factory.alive).toBe(0));
  });
});
