import 'reflect-metadata';
import dns from 'node:dns';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Controller,
  type DynamicModule,
  Get,
  type INestApplication,
  Injectable,
  type MessageEvent,
  Module,
  type OnModuleDestroy,
  type OnModuleInit,
  Query,
  Sse,
  StreamableFile,
} from '@nestjs/common';
import { type AbstractHttpAdapter, ModuleRef, NestFactory } from '@nestjs/core';
import { ResourceCoordinator, ResourcesModule } from 'nestjs-resources';
import { interval, map, type Observable } from 'rxjs';
import { type Plan, SAYS, TLS_KEY, TLS_SETTINGS } from './plan.fixture.js';

const plan = JSON.parse(process.env.PLAN ?? '') as Plan;
const HOST = '127.0.0.1';
const LARGE = 64 * 1024 * 1024;

let app: INestApplication | undefined;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

@Controller()
class WorkController {
  constructor(private readonly modules: ModuleRef) {}

  @Get('quick')
  async quick(): Promise<string> {
    await this.borrow();
    return 'quick';
  }

  /** Never ends. */
  @Get('waiting')
  async waiting(): Promise<never> {
    await this.borrow();
    say(SAYS.working);
    return await new Promise<never>(() => undefined);
  }

  @Get('working')
  async working(@Query('ms') ms: string): Promise<string> {
    await this.borrow();
    say(SAYS.working);
    await delay(Number(ms));
    return 'worked';
  }

  @Get('large')
  large(): StreamableFile {
    let left = LARGE;
    const chunk = Buffer.alloc(64 * 1024);
    return new StreamableFile(
      new Readable({
        read() {
          this.push(left > 0 ? chunk : null);
          left -= chunk.length;
        },
      }),
    );
  }

  @Sse('events')
  events(): Observable<MessageEvent> {
    return interval(10).pipe(map((data) => ({ data: String(data) })));
  }

  @Get('close')
  close(): string {
    say(SAYS.closing);
    void app?.close();
    return 'closing';
  }

  @Get('close-twice')
  closeTwice(): string {
    say(SAYS.closing);
    void app?.close();
    void app?.close();
    return 'closing';
  }

  /** Waits for an end that waits for it. */
  @Get('close-and-wait')
  async closeAndWait(): Promise<string> {
    say(SAYS.closing);
    await app?.close();
    return 'closed';
  }

  private async borrow(): Promise<void> {
    if (!plan.module) return;
    await this.modules.get(ResourceCoordinator, { strict: false }).acquire('session');
  }
}

@Injectable()
class OwnHooks implements OnModuleInit, OnModuleDestroy {
  onModuleDestroy(): void {
    say(SAYS.stopping);
  }

  async onModuleInit(): Promise<void> {
    if (plan.bootstrap === 0) return;
    say(SAYS.bootstrapping);
    await delay(plan.bootstrap);
  }
}

@Injectable()
class LaterHook implements BeforeApplicationShutdown {
  async beforeApplicationShutdown(): Promise<void> {
    if (plan.laterHook > 0) await delay(plan.laterHook);
  }
}

/** Imported before the library, so that Nest stops it after. */
@Module({ providers: [LaterHook] })
class EarlierModule {}

@Module({})
class ClosingAppModule {
  static forPlan(): DynamicModule {
    const library = ResourcesModule.forRoot({
      resources: {
        session: {
          create: async () => {
            say(SAYS.creating);
            if (plan.creation > 0) await delay(plan.creation);
            return {};
          },
          destroy: () => say(SAYS.destroyed),
          pool: { max: 100, retirement: { timeout: plan.retirementTimeout } },
        },
      },
      drainTimeout: plan.drainTimeout === 'Infinity' ? Infinity : plan.drainTimeout,
    });
    return {
      module: ClosingAppModule,
      imports: [EarlierModule, ...(plan.module ? [library] : [])],
      controllers: [WorkController],
      providers: [OwnHooks],
    };
  }
}

/** Loads one only: dozens of these processes are started. */
async function createAdapter(): Promise<AbstractHttpAdapter> {
  if (plan.adapter === 'express') {
    const { ExpressAdapter } = await import('@nestjs/platform-express');
    return new ExpressAdapter();
  }
  const { FastifyAdapter } = await import('@nestjs/platform-fastify');
  const { forceCloseConnections } = plan;
  const common = forceCloseConnections ? { forceCloseConnections } : {};
  if (plan.transport === 'http2') return new FastifyAdapter({ ...common, http2: true });
  if (plan.transport === 'tls') return new FastifyAdapter({ ...common, https: tlsOptions() });
  return new FastifyAdapter(common);
}

function tlsOptions(): { pskCallback: () => Buffer; ciphers: string } {
  return { pskCallback: () => TLS_KEY, ...TLS_SETTINGS };
}

/** Answers every upgrade and keeps the socket, as a gateway would. */
function upgrade(_request: IncomingMessage, socket: Socket): void {
  socket.on('error', () => undefined);
  socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: raw\r\n\r\n');
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** A name with two addresses, wherever the machine's own has one. */
function giveLocalhostTwoAddresses(): void {
  const lookup = dns.lookup as (...args: unknown[]) => void;
  const twice = (...args: unknown[]): void => {
    const [name, options] = args as [string, { all?: boolean }];
    const callback = args.at(-1) as (error: null, addresses: object[]) => void;
    if (name !== 'localhost' || options.all !== true) return lookup(...args);
    callback(
      null,
      [HOST, '127.0.0.2'].map((address) => ({ address, family: 4 })),
    );
  };
  Object.assign(dns, { lookup: twice });
}

async function listenTwice(application: INestApplication): Promise<number> {
  if (plan.second === 'none') return 0;
  if (plan.second === 'localhost') return portOf(application.getHttpServer() as Server);
  await application.init();
  if (plan.adapter === 'fastify') {
    const instance = application.getHttpAdapter().getInstance() as {
      ready(): Promise<unknown>;
      routing(request: IncomingMessage, response: unknown): void;
    };
    await instance.ready();
    return await listen(createServer((request, response) => instance.routing(request, response)));
  }
  return await listen(createServer(application.getHttpAdapter().getInstance() as () => void));
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => server.listen(0, HOST, () => resolve(portOf(server))));
}

async function start(): Promise<void> {
  const adapter = await createAdapter();
  const application = await NestFactory.create(ClosingAppModule.forPlan(), adapter, {
    logger: ['log', 'warn', 'error'],
    forceCloseConnections: plan.forceCloseConnections,
    return503OnClosing: plan.return503OnClosing,
    ...(plan.transport === 'tls' && plan.adapter === 'express' ? { httpsOptions: tlsOptions() } : {}),
  });
  app = application;
  application.enableShutdownHooks();
  (application.getHttpServer() as Server).on('upgrade', upgrade);
  if (plan.second === 'localhost') giveLocalhostTwoAddresses();
  const second = plan.second === 'hand-made' ? await listenTwice(application) : 0;
  if (plan.closeWhileListening) await application.init();
  const listening = application.listen(0, plan.second === 'localhost' ? 'localhost' : HOST);
  if (plan.closeWhileListening) {
    say(SAYS.closing);
    await Promise.allSettled([listening, application.close()]);
    return;
  }
  await listening;
  const port = portOf(application.getHttpServer() as Server);
  say(`ready ${port} ${plan.second === 'localhost' ? port : second}`);
}

void start();
