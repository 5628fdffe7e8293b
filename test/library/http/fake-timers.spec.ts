import { connect } from 'node:net';
import { once } from 'node:events';
import {
  Controller,
  Get,
  Injectable,
  type MiddlewareConsumer,
  Module,
  type NestMiddleware,
  type NestModule,
} from '@nestjs/common';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { PooledResource, type ScopedLease } from 'nestjs-resources';
import { Client } from './client.fixture.js';
import { ADAPTERS, type LendingApp, startLendingApp } from './lending-app.fixture.js';
import { type Session, SessionFactory } from './session.fixture.js';
import { until } from './until.fixture.js';

@Injectable()
class Work {
  finish: (() => void) | undefined;
}

/** Borrows, and works until the test lets it, and answers nobody. */
@Injectable()
class PatientMiddleware implements NestMiddleware {
  constructor(
    private readonly work: Work,
    @PooledResource('session') private readonly session: ScopedLease<Session>,
  ) {}

  async use(): Promise<void> {
    await this.session.acquire();
    await new Promise<void>((resolve) => (this.work.finish = resolve));
  }
}

@Controller()
class QuietController {
  @Get('quiet')
  quiet(): string {
    return 'quiet';
  }
}

@Module({ providers: [Work, PatientMiddleware], controllers: [QuietController] })
class PatientModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(PatientMiddleware).forRoutes('quiet');
  }
}

let server: LendingApp;

/** As a user's test does; what this one waits with, and Fastify works with, goes on. */
function holdTimers(): void {
  jest.useFakeTimers({ doNotFake: ['performance', 'nextTick', 'setTimeout', 'clearTimeout'] });
}

async function start(adapter: (typeof ADAPTERS)[number]): Promise<void> {
  const session = new SessionFactory().definition({ max: 1 });
  server = await startLendingApp(
    adapter,
    { resources: { session }, drainTimeout: 0 },
    { imports: [PatientModule] },
  );
}

afterEach(() => {
  jest.useRealTimers();
});

describe.each(ADAPTERS)('on %s, in a test that holds the timers', (adapter) => {
  it('a request whose client has hung up is over when its work is', async () => {
    await start(adapter);
    const work = server.app.get(Work);
    holdTimers();
    const sent = new Client(server.port).send('GET', '/quiet');
    sent.end();
    await until(() => work.finish !== undefined, 'the middleware works');
    const hungUp = new Promise((resolve) => sent.on('error', resolve));
    sent.destroy();
    await hungUp;
    work.finish?.();
    await until(() => server.coordinator.stats().scopes === 0, 'the request is over');
    jest.useRealTimers();
    await server.app.close();
  });

  it('a shutdown whose time is up ends', async () => {
    await start(adapter);
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    holdTimers();
    await server.app.close();
    expect(server.coordinator.drainReport).toMatchObject({ clean: true });
  });
});
