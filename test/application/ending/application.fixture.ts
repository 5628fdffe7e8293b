import 'reflect-metadata';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import {
  Controller,
  Get,
  type INestApplication,
  Injectable,
  type MessageEvent,
  Module,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type OnModuleInit,
  Query,
  Sse,
} from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import {
  type DestroyContext,
  PooledResource,
  ResourceCoordinator,
  ResourcesModule,
  type ScopedLease,
} from 'nestjs-resources';
import { ResourcesHealthIndicator, ResourcesTerminusModule } from 'nestjs-resources/terminus';
import { Client } from 'pg';
import { interval, map, type Observable } from 'rxjs';
import { CLOSE, type EndingPlan, SAYS } from './plan.fixture.js';

const plan = JSON.parse(process.env.PLAN ?? '') as EndingPlan;
const HOST = '127.0.0.1';
const NEVER = new Promise<never>(() => undefined);

let made = 0;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function connect(): Promise<{ id: number; client: Client }> {
  const client = new Client({
    connectionString: plan.databaseUrl,
    application_name: plan.sessions,
    options: '-c client_connection_check_interval=200ms', // so that a query ends with its client
  });
  client.on('error', () => undefined);
  await client.connect();
  const session = { id: ++made, client };
  say(`created ${session.id}`);
  return session;
}

type Session = Awaited<ReturnType<typeof connect>>;

async function disconnect({ id, client }: Session, { signal }: DestroyContext): Promise<void> {
  say(`destroyed ${id}`);
  if (plan.hangs === 'destroy') await once(signal, 'abort'); // nobody waits any longer, and the process is to end
  await client.end();
}

/** To a generation that is made as the one before, and takes a while to go. */
async function changeGeneration(coordinator: ResourceCoordinator): Promise<void> {
  const slowly = async (session: Session, context: DestroyContext): Promise<void> => {
    say(`destroyed ${session.id}`);
    await delay(context.signal.aborted ? 0 : 300);
    await session.client.end();
  };
  const judge = (): boolean => {
    const goesBack = plan.reconfiguration === 'goes back';
    say(goesBack ? SAYS.goingBack : SAYS.baking);
    return goesBack;
  };
  const prove = async (): Promise<boolean> => {
    if (plan.reconfiguration !== 'proves') return true;
    say(SAYS.proving);
    return await NEVER;
  };
  const { outcome } = await coordinator.reconfigure(
    'pg',
    { factory: { create: connect, destroy: slowly } },
    { canary: { validate: prove }, bake: '1h', abortIf: judge },
  );
  say(`reconfiguration: ${outcome}`);
}

/** What a module of the application's own works with, and gives up first of all. */
@Injectable()
class Upstream implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  private connected = true;

  constructor(coordinator: ResourceCoordinator) {
    coordinator.onDrain(async () => {
      say(SAYS.paused);
      if (plan.hangs === 'onDrain') await NEVER;
    });
  }

  async onModuleInit(): Promise<void> {
    if (plan.initialising > 0) {
      say(SAYS.initialising);
      await delay(plan.initialising);
    }
    if (plan.fails === 'onModuleInit') throw new Error('a hook of its own fails');
  }

  onApplicationBootstrap(): void {
    if (plan.fails === 'onApplicationBootstrap') throw new Error('a hook of its own fails');
  }

  async onModuleDestroy(): Promise<void> {
    this.connected = false;
    say(SAYS.disconnected);
    if (plan.hangs === 'onModuleDestroy') await NEVER;
  }

  ask(): void {
    if (!this.connected) throw new Error('disconnected');
  }
}

@Controller()
class WorkController {
  constructor(
    private readonly upstream: Upstream,
    private readonly health: HealthCheckService,
    private readonly resources: ResourcesHealthIndicator,
    private readonly coordinator: ResourceCoordinator,
  ) {}

  @Get('work')
  async work(@PooledResource('pg') pg: ScopedLease<Session>, @Query('ms') ms = '0'): Promise<object> {
    this.upstream.ask();
    say(`${SAYS.working} ${ms}`);
    await pg.resource.client.query('SELECT pg_sleep($1)', [Number(ms) / 1_000]);
    return { worked: true };
  }

  @Sse('events')
  events(): Observable<MessageEvent> {
    return interval(10).pipe(map((data) => ({ data: String(data) })));
  }

  /** Answers when it has begun. */
  @Get('reconfigure')
  reconfigure(): void {
    void changeGeneration(this.coordinator);
  }

  @Get('ready')
  @HealthCheck()
  ready(): Promise<object> {
    return this.health.check([() => this.resources.ready('pg')]);
  }
}

@Module({
  imports: [
    ResourcesModule.forRoot({
      resources: {
        pg: {
          create: connect,
          destroy: disconnect,
          pool: { min: 2, max: 5, retirement: { timeout: plan.retirementTimeout } },
        },
        last: {
          create: async (): Promise<Session> => {
            if (plan.hangs !== 'create' && plan.fails !== 'create') return await connect();
            say(SAYS.creatingLast);
            if (plan.hangs === 'create') await NEVER;
            throw new Error('refused');
          },
          destroy: disconnect,
          pool: {
            min: 1,
            creation: { timeout: '60s', retry: { attempts: 1 } },
            retirement: { timeout: plan.retirementTimeout },
          },
        },
      },
      announceFor: plan.announceFor,
      drainTimeout: plan.drainTimeout,
    }),
    TerminusModule,
    ResourcesTerminusModule,
  ],
  controllers: [WorkController],
  providers: [Upstream],
})
class EndingModule {}

/** Loads one only: dozens of these processes are started. */
async function createAdapter(): Promise<AbstractHttpAdapter> {
  if (plan.adapter === 'express') {
    const { ExpressAdapter } = await import('@nestjs/platform-express');
    return new ExpressAdapter();
  }
  const { FastifyAdapter } = await import('@nestjs/platform-fastify');
  return new FastifyAdapter();
}

async function portOfSomebodyElse(): Promise<number> {
  const other = createServer().unref();
  await new Promise<void>((resolve) => other.listen(0, HOST, resolve));
  return (other.address() as AddressInfo).port;
}

const applications: INestApplication[] = [];
let closing: Promise<unknown> | undefined;

async function create(): Promise<INestApplication> {
  const { abortOnError, return503OnClosing } = plan;
  const application = await NestFactory.create(EndingModule, await createAdapter(), {
    logger: ['log', 'warn', 'error'],
    abortOnError,
    return503OnClosing,
  });
  applications.push(application);
  if (plan.hooks === 'main') application.enableShutdownHooks(['SIGTERM', 'SIGINT']);
  return application;
}

async function listen(application: INestApplication): Promise<number> {
  await application.listen(plan.fails === 'listen' ? await portOfSomebodyElse() : 0, HOST);
  return ((application.getHttpServer() as Server).address() as AddressInfo).port;
}

function close(): Promise<unknown> {
  return Promise.all(applications.map((application) => application.close()));
}

async function start(): Promise<void> {
  const application = await create();
  if (plan.hooks === 'own listener') process.once('SIGTERM', () => void close());
  process.on(CLOSE, () => {
    closing = close();
  });
  await application.init();
  say(SAYS.initialised);
  await delay(plan.beforeListening);
  if (closing !== undefined) return;
  const port = await listen(application);
  const second = plan.twice ? await listen(await create()) : 0;
  if (plan.hooks === 'later') application.enableShutdownHooks();
  say(`ready ${port} ${second}`);
}

start().catch(async (error: unknown) => {
  process.stderr.write(`failed: ${String(error)}\n`);
  process.exitCode = closing === undefined ? 1 : 0;
  await close();
});
