import {
  type CallHandler,
  Controller,
  type ExecutionContext,
  Get,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { InterceptorsConsumer } from '@nestjs/core/interceptors/interceptors-consumer.js';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Observable } from 'rxjs';
import { PooledResource, type ScopedLease } from 'nestjs-resources';
import { Client } from './client.fixture.js';
import { ADAPTERS, type LendingApp, startLendingApp } from './lending-app.fixture.js';
import { type Session, SessionFactory } from './session.fixture.js';

class Passing implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle();
  }
}

@Controller()
class TracedController {
  @Get('plain')
  plain(@PooledResource('session') session: ScopedLease<Session>): number {
    return session.resource.id;
  }

  @Get('intercepted')
  @UseInterceptors(Passing)
  intercepted(@PooledResource('session') session: ScopedLease<Session>): number {
    return session.resource.id;
  }
}

/** The handlers that a tracer has seen: it replaces Nest's method before any application is made, as instrumentation does. */
const traced: string[] = [];
let server: LendingApp;

beforeAll(() => {
  const { intercept } = InterceptorsConsumer.prototype;
  InterceptorsConsumer.prototype.intercept = async function (this: InterceptorsConsumer, ...args) {
    traced.push(args[3].name);
    return await intercept.apply(this, args);
  };
});

afterEach(() => server.app.close());

describe.each(ADAPTERS)('on %s, where a tracer has replaced a method of Nest', (adapter) => {
  beforeEach(async () => {
    traced.length = 0;
    const session = new SessionFactory().definition({ max: 1 });
    server = await startLendingApp(adapter, { resources: { session } }, { controllers: [TracedController] });
  });

  it.each(['plain', 'intercepted'])('it sees the handler, and the session goes back: %s', async (path) => {
    expect((await new Client(server.port).get(`/${path}`)).body).toBe('1');
    expect(traced).toEqual([path]);
    expect(server.coordinator.stats().pools['session']).toMatchObject({ created: 1, leased: 0 });
  });
});
