import 'reflect-metadata';
import { once } from 'node:events';
import { IncomingMessage, type Server, ServerResponse } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import {
  type ArgumentsHost,
  type CanActivate,
  Controller,
  type DynamicModule,
  type ExecutionContext,
  Get,
  Inject,
  Injectable,
  type MessageEvent,
  type MiddlewareConsumer,
  Module,
  type NestModule,
  Post,
  Req,
  Sse,
  StreamableFile,
  UseGuards,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { CachedResource, PooledResource, ResourcesModule, type ScopedLease } from 'nestjs-resources';
import { interval, map, type Observable } from 'rxjs';
import { KEY_HEADER, type Measure, type Order, type Plan } from './plan.fixture.js';

const plan = JSON.parse(process.env.PLAN ?? '') as Plan;
const LARGE = 1024 * 1024;
const BODY_LIMIT = 4 * LARGE;
/** Resources of different keys that live at a time. */
const RESOURCES = 20;

const keyIn = (request: unknown): string =>
  (request as { headers: Record<string, string | undefined> }).headers[KEY_HEADER] ?? 'nobody';

/** Borrows for the request at hand, if there is anything to borrow. */
abstract class Borrower {
  abstract borrow(): Promise<void>;
}

@Injectable()
class NoBorrower implements Borrower {
  borrow(): Promise<void> {
    return Promise.resolve();
  }
}

@Injectable()
class KeyedBorrower implements Borrower {
  @PooledResource('session', { key: ({ request }) => keyIn(request) })
  private readonly session!: ScopedLease<object>;
  @CachedResource('client', (host: ArgumentsHost) => keyIn(host.switchToHttp().getRequest()))
  private readonly client!: ScopedLease<object>;

  async borrow(): Promise<void> {
    await Promise.all([this.session.acquire(), this.client.acquire()]);
  }
}

/** Until the client has gone, and somewhat longer. */
async function gone(request: IncomingMessage | { raw: IncomingMessage }): Promise<void> {
  const { socket } = 'raw' in request ? request.raw : request;
  if (!socket.destroyed) await once(socket, 'close').catch(() => undefined);
  await turn();
}

@Injectable()
class PatientGuard implements CanActivate {
  constructor(@Inject(Borrower) private readonly borrower: Borrower) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    await this.borrower.borrow();
    await gone(context.switchToHttp().getRequest());
    return true;
  }
}

@Controller()
class EndsController {
  constructor(@Inject(Borrower) private readonly borrower: Borrower) {}

  @Get('plain')
  async plain(): Promise<string> {
    await this.borrower.borrow();
    return 'plain';
  }

  @Post('body')
  async body(): Promise<string> {
    await this.borrower.borrow();
    return 'read';
  }

  @Get('slow')
  async slow(): Promise<string> {
    await this.borrower.borrow();
    await delay(2);
    return 'slow';
  }

  @Get('patient')
  async patient(@Req() request: IncomingMessage): Promise<string> {
    await this.borrower.borrow();
    await gone(request);
    return 'patient';
  }

  @Get('guarded')
  @UseGuards(PatientGuard)
  guarded(): string {
    return 'guarded';
  }

  @Get('large')
  async large(): Promise<StreamableFile> {
    await this.borrower.borrow();
    return new StreamableFile(Readable.from(Array.from({ length: 16 }, () => Buffer.alloc(LARGE / 16))));
  }

  @Sse('events')
  events(): Observable<MessageEvent> {
    return interval(1).pipe(map((count) => ({ data: String(count) })));
  }

  @Get('fails')
  async fails(): Promise<never> {
    await this.borrower.borrow();
    throw new Error('on purpose');
  }
}

@Module({})
class EndsModule implements NestModule {
  constructor(@Inject(Borrower) private readonly borrower: Borrower) {}

  static forPlan(): DynamicModule {
    const lending = plan.variant === 'lending';
    const create = (): object => ({});
    const library = ResourcesModule.forRoot({
      resources: lending
        ? { session: { create, pool: { keyed: { max: RESOURCES, maxKeys: RESOURCES } } } }
        : {},
      cachedResources: lending ? { client: { create, cache: { max: RESOURCES } } } : {},
    });
    return {
      module: EndsModule,
      imports: plan.variant === 'nest' ? [] : [library],
      controllers: [EndsController],
      providers: [{ provide: Borrower, useClass: lending ? KeyedBorrower : NoBorrower }],
    };
  }

  configure(consumer: MiddlewareConsumer): void {
    if (!plan.middleware) return;
    type Next = () => void;
    consumer
      .apply(async (_request: unknown, response: ServerResponse, _next: Next) => {
        await this.borrower.borrow();
        response.end('middleware');
      })
      .forRoutes('middleware/answers')
      .apply(async (request: IncomingMessage, _response: unknown, next: Next) => {
        await this.borrower.borrow();
        await gone(request);
        next();
      })
      .forRoutes('middleware/patient');
  }
}

/** Requests that came in and have not been collected since, with their responses. */
class Reachable {
  private refs: { request: WeakRef<IncomingMessage>; response?: WeakRef<ServerResponse> }[] = [];

  watch(server: Server): void {
    server.prependListener('request', (request, response) => this.add(request, response));
    server.prependListener('upgrade', (request: IncomingMessage) => this.add(request));
  }

  add(request: IncomingMessage, response?: ServerResponse): void {
    this.refs.push({ request: new WeakRef(request), response: response && new WeakRef(response) });
  }

  /**
   * Those that have ended: answered, with all that was asked before and after them over the same connection, or with a
   * connection that is gone. Node does not hear at once that a connection was reset which it does not read.
   */
  count(): number {
    const left = this.refs.map(({ request, response }) => ({
      request: request.deref(),
      response: response?.deref(),
    }));
    this.refs = this.refs.filter((_, index) => (left[index].request ?? left[index].response) !== undefined);
    const busy = new Set<Socket | null | undefined>();
    for (const { request, response } of left) {
      const socket = request?.socket;
      if (socket?.destroyed === false && response?.writableFinished !== true) busy.add(socket);
    }
    return left.filter(({ request, response }) => {
      if (request === undefined) return response !== undefined;
      return !busy.has(request.socket);
    }).length;
  }
}

/** Everything that a turn, and the collector, still have to do. */
async function settle(): Promise<void> {
  for (let round = 0; round < 2; round++) {
    await delay(5);
    global.gc?.();
  }
}

async function measure(
  server: Server,
  reachable: Reachable,
  order: Order & { order: 'measure' },
): Promise<Measure> {
  const count = (): Promise<number> =>
    new Promise((resolve) => server.getConnections((_, connections) => resolve(connections)));
  const giveUpAt = performance.now() + order.patience;
  let connections = await count();
  let left = Infinity;
  do {
    await settle();
    connections = await count();
    left = reachable.count();
  } while ((left > 0 || connections > order.most) && performance.now() < giveUpAt);
  let bytes = Infinity;
  for (let round = 0; order.heap && round < 4; round++) {
    await settle();
    const { heapUsed, external } = process.memoryUsage();
    bytes = Math.min(bytes, heapUsed + external);
  }
  return { bytes, reachable: left, connections };
}

/** Handles a request as frameworks for functions in the cloud do: with a socket that nobody has connected. */
async function emulate(server: Server, reachable: Reachable, serial: number): Promise<void> {
  const request = new IncomingMessage(new Socket());
  Object.assign(request, {
    method: 'GET',
    url: '/plain',
    headers: { host: 'localhost', [KEY_HEADER]: `${serial}` },
  });
  request.push(null);
  const response = new ServerResponse(request);
  const sink = new Socket();
  sink.write = (...args: unknown[]) => {
    const done = args.at(-1);
    if (typeof done === 'function') done();
    return true;
  };
  response.assignSocket(sink);
  reachable.add(request, response);
  const finished = once(response, 'finish');
  server.emit('request', request, response);
  await finished;
}

async function inject(adapter: FastifyAdapter, serial: number): Promise<void> {
  await adapter.inject({ method: 'GET', url: '/plain', headers: { [KEY_HEADER]: `${serial}` } });
}

async function start(): Promise<void> {
  const adapter =
    plan.adapter === 'express' ? new ExpressAdapter() : new FastifyAdapter({ bodyLimit: BODY_LIMIT });
  const app = await NestFactory.create(EndsModule.forPlan(), adapter, { logger: false });
  if (plan.adapter === 'express')
    (app as NestExpressApplication).useBodyParser('json', { limit: BODY_LIMIT, strict: false });
  const server = app.getHttpServer() as Server;
  server.on('upgrade', (request: IncomingMessage, socket: Socket) => {
    socket.on('error', () => undefined);
    if (request.url === '/refused')
      socket.end('HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    else socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: raw\r\n\r\n');
  });
  const reachable = new Reachable();
  await app.listen(0, '127.0.0.1');
  reachable.watch(server);
  process.on('message', (order: Order) => {
    void obey(order, server, reachable, adapter).then((answer) => process.send?.(answer));
  });
  process.send?.({ port: (server.address() as AddressInfo).port });
}

async function obey(
  order: Order,
  server: Server,
  reachable: Reachable,
  adapter: ExpressAdapter | FastifyAdapter,
): Promise<Measure | object> {
  if (order.order === 'keep') {
    server.keepAliveTimeout = order.alive;
    return {};
  }
  if (order.order === 'measure') return measure(server, reachable, order);
  for (let serial = order.from; serial < order.from + order.count; serial++) {
    if (!order.injected) await emulate(server, reachable, serial);
    else if (adapter instanceof FastifyAdapter) await inject(adapter, serial);
  }
  return {};
}

await start();
