import type { ServerResponse } from 'node:http';
import {
  Controller,
  Get,
  Injectable,
  type MiddlewareConsumer,
  Module,
  type NestMiddleware,
  type NestModule,
} from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { PooledResource, ResourceCoordinator, type ScopedLease } from 'nestjs-resources';
import { Client } from './client.fixture.js';
import { ADAPTERS, type LendingApp, startLendingApp } from './lending-app.fixture.js';
import { type Session, SessionFactory } from './session.fixture.js';
import { until } from './until.fixture.js';

@Injectable()
class BorrowingMiddleware implements NestMiddleware {
  constructor(@PooledResource('session') private readonly session: ScopedLease<Session>) {}

  async use(_request: unknown, _response: unknown, next: () => void): Promise<void> {
    await this.session.acquire();
    next();
  }
}

@Controller()
class SessionController {
  @Get('session')
  session(@PooledResource('session') session: ScopedLease<Session>): object {
    return { session: session.resource.id };
  }
}

@Module({ providers: [BorrowingMiddleware], controllers: [SessionController] })
class BorrowingModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(BorrowingMiddleware).forRoutes('*path');
  }
}

/** Borrows and answers within one call. */
@Injectable()
class AnsweringMiddleware implements NestMiddleware {
  constructor(private readonly coordinator: ResourceCoordinator) {}

  use(_request: unknown, response: ServerResponse): void {
    const lease = this.coordinator.tryAcquire('session');
    response.end(String(lease !== undefined));
  }
}

/** Borrows and refuses within one call. */
@Injectable()
class RefusingMiddleware implements NestMiddleware {
  constructor(private readonly coordinator: ResourceCoordinator) {}

  use(_request: unknown, _response: unknown, next: (error: unknown) => void): void {
    const lease = this.coordinator.tryAcquire('session');
    next(new Error(`refused with a session: ${String(lease !== undefined)}`));
  }
}

@Module({ providers: [AnsweringMiddleware, RefusingMiddleware] })
class AnsweringModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(AnsweringMiddleware).forRoutes('answered');
    consumer.apply(RefusingMiddleware).forRoutes('refused');
  }
}

function hostile(value: object, property: string): unknown {
  return Object.defineProperty(value, property, {
    get: () => {
      throw new Error('not yours');
    },
  });
}

let server: LendingApp;
const resources = { session: new SessionFactory().definition({ max: 2 }) };
const loans = () => server.coordinator.stats().pools['session'];

afterEach(() => server.app.close());

describe.each(ADAPTERS)('on %s, middleware', (adapter) => {
  it('shares one lease with the handler', async () => {
    server = await startLendingApp(adapter, { resources }, { imports: [BorrowingModule] });
    const { status } = await new Client(server.port).get('/session');
    expect(status).toBe(200);
    expect(loans()).toMatchObject({ acquired: 1, released: 1 });
  });

  it('gives back what it borrowed for a route that does not exist', async () => {
    server = await startLendingApp(adapter, { resources }, { imports: [BorrowingModule] });
    const { status } = await new Client(server.port).get('/nowhere');
    expect(status).toBe(404);
    expect(loans()).toMatchObject({ acquired: 1, released: 1 });
  });

  it.each(['answered', 'refused'])('gives back what a request borrowed that was %s at once', async (path) => {
    const session = new SessionFactory().definition({ max: 2, min: 2 });
    server = await startLendingApp(adapter, { resources: { session } }, { imports: [AnsweringModule] });
    await until(() => loans().idle === 2, 'its sessions are there');
    for (let i = 0; i < 3; i++) {
      await new Client(server.port).get(`/${path}`);
      await until(() => server.coordinator.stats().scopes === 0, 'the scope is over');
    }
    expect(loans()).toMatchObject({ acquired: 3, released: 3, leased: 0 });
  });

  it.each([
    ['a promise that says nothing of its class', hostile(Promise.resolve(), 'constructor')],
    ['an object that does not say whether it is a promise', hostile({}, 'then')],
  ])('that returns %s, gives its lease back', async (_what, returned) => {
    server = await startLendingApp(adapter, { resources }, { controllers: [SessionController] }, (app) => {
      app.use((_request: unknown, _response: unknown, next: () => void): unknown => {
        app.get(ResourceCoordinator).tryAcquire('session');
        next();
        return returned;
      });
    });
    await new Client(server.port).get('/session');
    await until(() => server.coordinator.stats().scopes === 0, 'the scope is over');
    expect(loans().leased).toBe(0);
  });
});
