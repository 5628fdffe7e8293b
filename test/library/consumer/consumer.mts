/*
 * What somebody has who installed the package: compiled against its published types, and run, as an ES module and (as
 * `consumer.cts`, the same text) as CommonJS. `.ci/run` does so, in a folder of its own, with each Nest that is supported.
 */
import 'reflect-metadata';
import { Controller, Get, type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { Keyv } from 'keyv';
import {
  CachedResource,
  defineResource,
  PooledResource,
  ResourceCoordinator,
  ResourcesModule,
  type ScopedLease,
} from 'nestjs-resources';
import { ResourceCache } from 'nestjs-resources/cache';
import { ResourcePool } from 'nestjs-resources/pool';
import { defineProcessor, type Processor } from 'nestjs-resources/processors';
import { defineWorker } from 'nestjs-resources/processors/worker';
import { ResourcesHealthIndicator, ResourcesTerminusModule } from 'nestjs-resources/terminus';
import { checkFactory } from 'nestjs-resources/testing';

interface Ticket {
  number: number;
}

interface Desk {
  open: boolean;
}

declare module 'nestjs-resources' {
  interface ResourceTypes {
    ticket: Ticket;
    desk: Desk;
  }
}

let printed = 0;
const desk = defineResource({ create: () => ({ open: true }), cache: {} });
const ticket = defineResource({
  create: (): Ticket => ({ number: ++printed }),
  validate: (drawn) => drawn.number > 0,
});

@Controller()
class Office {
  constructor(
    private readonly health: HealthCheckService,
    private readonly resources: ResourcesHealthIndicator,
  ) {}

  @Get('draw')
  draw(@PooledResource('ticket') lease: ScopedLease<Ticket>): Ticket {
    return lease.resource;
  }

  @Get('desk')
  desk(@CachedResource('desk', 'only') lease: ScopedLease<Desk>): boolean {
    return lease.resource.open;
  }

  @Get('health')
  async healthy(): Promise<object> {
    return await this.health.check([() => this.resources.check('ticket')]);
  }
}

@Module({
  imports: [
    ResourcesModule.forRoot({
      resources: { ticket: { ...ticket, pool: { max: 2 } } },
      cachedResources: { desk },
    }),
    TerminusModule,
    ResourcesTerminusModule,
  ],
  controllers: [Office],
})
class OfficeModule {}

async function ask(app: INestApplication, path: string): Promise<string> {
  const url = (await app.getUrl()).replace('[::1]', 'localhost');
  return await (await fetch(`${url}/${path}`)).text();
}

function expect(what: string, actual: unknown, wanted: unknown): void {
  if (JSON.stringify(actual) === JSON.stringify(wanted)) return;
  throw new Error(`${what} is ${JSON.stringify(actual)}, and should be ${JSON.stringify(wanted)}`);
}

async function main(): Promise<void> {
  const pool = new ResourcePool(ticket, { type: 'ticket' });
  const number = await pool.use((drawn) => drawn.number);
  expect('the number from the pool', number, 1);
  expect('the report of the pool', (await pool.close()).clean, true);

  const store = new Keyv();
  const cache = new ResourceCache({ max: 1, stores: [store] });
  expect('the value', await cache.wrap('price', () => 5), 5);
  expect('the value in the secondary store', await store.get('price'), 5);
  expect('the value through cache-manager', await cache.manager.get('price'), 5);
  const destroyed: number[] = [];
  const cached = await cache.lease('draw', () => 6, { destroy: (drawn) => destroyed.push(drawn) });
  expect('the number from the cache', cached.resource, 6);
  await cached.release();
  expect('the report of the cache', (await cache.close()).clean, true);
  expect('what was destroyed', destroyed, [6]);

  let lit = 0;
  const lamp = { create: () => ({ number: ++lit }), destroy: () => void lit-- };
  const { checks } = await checkFactory(lamp, { count: () => lit });
  expect('what was tried', checks, ['create', 'destroy', 'abort']);

  // Without its peer, which is not installed here, a processor says what to install.
  const { pool: options, ...factory } = defineProcessor<{ double(number: number): number }>({
    file: process.argv[1],
  });
  const processors = new ResourcePool<Processor<{ double(number: number): number }>>(factory, options);
  const refused = await processors.acquire().then(String, String);
  expect('why there is none', refused.includes('npm install piscina'), true);
  await processors.close();

  const { inject } = defineWorker({ context: OfficeModule });
  const isOpen = inject([Office], (office) => (hour: number) => hour < 18 && office instanceof Office);
  const answered = await Promise.resolve(isOpen(9)).then(String, String);
  expect(
    "why there is no answer of a worker's",
    answered.includes('only in the thread of a processor'),
    true,
  );

  const app = await NestFactory.create(OfficeModule, { logger: ['error', 'warn'] });
  await app.listen(0, 'localhost');
  const coordinator = app.get(ResourceCoordinator);
  expect('the answer', await ask(app, 'draw'), '{"number":2}');
  expect('the cached resource', await ask(app, 'desk'), 'true');
  expect('the health', (JSON.parse(await ask(app, 'health')) as { status: string }).status, 'ok');
  // @ts-expect-error there is no such type
  coordinator.acquire('tiket').catch(() => undefined);
  const lease = await coordinator.acquire('ticket');
  const drawn: Ticket = lease.resource;
  expect('the number from the coordinator', drawn.number, 2);
  const other = await coordinator.acquire('ticket');
  const { info } = JSON.parse(await ask(app, 'health')) as { info: { ticket: { reason: string } } };
  expect('the health while all is on loan', info.ticket.reason, 'nearly used up');
  await lease.release();
  await other.release();
  expect('what is on loan', coordinator.leases(), []);
  await app.close();
  expect('the report of the shutdown', coordinator.drainReport?.clean, true);
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1); // the application may still listen
});
