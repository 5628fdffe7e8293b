import 'reflect-metadata';
import { Readable } from 'node:stream';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import {
  Controller,
  Get,
  Injectable,
  type MessageEvent,
  type MiddlewareConsumer,
  Module,
  type NestModule,
  Sse,
  StreamableFile,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { PooledResource, ResourceCoordinator, ResourcesModule, type ScopedLease } from 'nestjs-resources';
import { concatMap, defer, from, type Observable, timer } from 'rxjs';
import { type Adapter, type Count, CREATION, SESSIONS } from './plan.fixture.js';

const STEP = 4;
const STEPS = 3;
/** Of what goes on unseen. */
const UNSEEN_STEP = 90;
const EVENTS = 10;

const crossings: string[] = [];
const unhandled: string[] = [];
process.on('unhandledRejection', (reason) => unhandled.push(String(reason)));
process.on('uncaughtException', (error) => unhandled.push(String(error)));

/** A session, which knows who works with it. */
class Session {
  private user: { place: string } | undefined;

  /** Works for some time, in steps. Nobody else may have begun before it has finished. */
  async work(place: string, step = STEP): Promise<string> {
    for await (const _ of this.steps(place, step));
    return 'right';
  }

  async *steps(place: string, step = STEP): AsyncGenerator<string> {
    const user = { place };
    if (this.user !== undefined) crossings.push(`${place} while ${this.user.place}`);
    this.user = user;
    try {
      for (let count = 0; count < STEPS; count++) {
        await delay(step);
        if (this.user !== user) throw new Error('another works with it');
        yield 'step\n';
      }
    } finally {
      if (this.user === user) this.user = undefined;
    }
  }
}

type Lease = ScopedLease<Session>;

@Injectable()
class SessionService {
  constructor(@PooledResource('session') private readonly session: Lease) {}

  async work(place: string): Promise<string> {
    return (await this.session.acquire()).work(place);
  }

  use(): Promise<string> {
    return this.session.use((session) => session.work('use'));
  }

  async unseen(place: string): Promise<string> {
    return (await this.session.acquire()).work(place, UNSEEN_STEP);
  }
}

@Controller()
class HangUpController {
  constructor(private readonly service: SessionService) {}

  @Get('honest')
  honest(@PooledResource('session') session: Lease): Promise<string> {
    return session.resource.work('honest');
  }

  @Get('promise')
  promise(@PooledResource('session') session: Lease): Promise<string> {
    return session.resource.work('promise');
  }

  @Get('service')
  async throughService(): Promise<string> {
    await this.service.work('service');
    return this.service.work('service, again');
  }

  @Get('use')
  use(): Promise<string> {
    return this.service.use();
  }

  @Get('middleware')
  afterMiddleware(): string {
    return 'right';
  }

  @Get('throws')
  async throws(@PooledResource('session') session: Lease): Promise<never> {
    await session.resource.work('throws');
    throw new Error('on purpose');
  }

  @Get('stream')
  stream(@PooledResource('session') session: Lease): StreamableFile {
    return new StreamableFile(Readable.from(session.resource.steps('stream'), { objectMode: false }));
  }

  @Sse('generator')
  async *generator(@PooledResource('session') session: Lease): AsyncGenerator<MessageEvent> {
    for await (const data of session.resource.steps('generator')) yield { data };
  }

  @Get('observable')
  observable(): Observable<string> {
    return defer(() => this.service.unseen('observable'));
  }

  @Sse('events')
  events(): Observable<MessageEvent> {
    return timer(0, EVENTS).pipe(
      concatMap(() => from(this.service.unseen('events').then((data) => ({ data })))),
    );
  }
}

@Module({
  imports: [
    ResourcesModule.forRoot({
      resources: {
        session: {
          create: async () => {
            await delay(CREATION);
            return new Session();
          },
          pool: { min: SESSIONS, max: SESSIONS, acquireTimeout: '1s' },
        },
      },
    }),
  ],
  controllers: [HangUpController],
  providers: [SessionService],
})
class HangUpModule implements NestModule {
  constructor(private readonly service: SessionService) {}

  configure(consumer: MiddlewareConsumer): void {
    consumer
      .apply(async (_request: unknown, _response: unknown, next: () => void) => {
        await this.service.work('middleware');
        next();
      })
      .forRoutes('middleware');
  }
}

async function start(): Promise<void> {
  const adapter =
    (process.env.ADAPTER as Adapter) === 'express' ? new ExpressAdapter() : new FastifyAdapter();
  const app = await NestFactory.create(HangUpModule, adapter, { logger: false });
  await app.listen(0, '127.0.0.1');
  const coordinator = app.get(ResourceCoordinator);
  process.on('message', () => {
    const { created, leased, pending } = coordinator.stats().pools.session;
    process.send?.({ created, leased, pending, crossings, unhandled } satisfies Count);
  });
  process.send?.({ port: ((app.getHttpServer() as Server).address() as AddressInfo).port });
}

await start();
