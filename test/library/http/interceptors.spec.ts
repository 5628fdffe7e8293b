import {
  type CallHandler,
  Controller,
  type ExecutionContext,
  Get,
  Injectable,
  type NestInterceptor,
  RequestTimeoutException,
  UseInterceptors,
} from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { firstValueFrom, forkJoin, map, type Observable, of, take, throwError, timeout } from 'rxjs';
import { PooledResource, type ScopedLease } from 'nestjs-resources';
import { Client } from './client.fixture.js';
import { ADAPTERS, type LendingApp, startLendingApp } from './lending-app.fixture.js';
import { type Session, SessionFactory } from './session.fixture.js';
import { until } from './until.fixture.js';

/** Takes the first value, and wants no more. */
class Taking implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(take(1));
  }
}

class Awaiting implements NestInterceptor {
  async intercept(_context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    return of(await firstValueFrom(next.handle()));
  }
}

class Passing implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((value: unknown) => value));
  }
}

class Timeout implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next
      .handle()
      .pipe(timeout({ first: 30, with: () => throwError(() => new RequestTimeoutException()) }));
  }
}

/** Works with a session beside the handler, until the test lets it. */
@Injectable()
class Auditing implements NestInterceptor {
  readonly sessions: Session[] = [];
  finish: () => void = () => undefined;

  constructor(@PooledResource('session') private readonly session: ScopedLease<Session>) {}

  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return forkJoin([next.handle(), this.audit()]).pipe(map(([value]) => value as unknown));
  }

  private async audit(): Promise<void> {
    this.sessions.push(await this.session.acquire());
    await new Promise<void>((resolve) => (this.finish = resolve));
  }
}

/** Handlers of which one works until the test lets it. */
@Controller()
class InterceptedController {
  static finish: () => void = () => undefined;

  constructor(@PooledResource('session') private readonly session: ScopedLease<Session>) {}

  @Get('take')
  @UseInterceptors(Taking)
  async take(): Promise<number> {
    return (await this.session.acquire()).id;
  }

  @Get('await')
  @UseInterceptors(Awaiting, Passing)
  async await(): Promise<number> {
    return (await this.session.acquire()).id;
  }

  @Get('beside')
  @UseInterceptors(Timeout, Auditing)
  async beside(): Promise<string> {
    await new Promise<void>((resolve) => (InterceptedController.finish = resolve));
    return 'done';
  }
}

let server: LendingApp;

const pool = () => server.coordinator.stats().pools['session'];

afterEach(() => server.app.close());

describe.each(ADAPTERS)('on %s, behind interceptors', (adapter) => {
  beforeEach(async () => {
    const session = new SessionFactory().definition({ max: 1, abandonment: { wait: 0 } });
    server = await startLendingApp(
      adapter,
      { resources: { session } },
      { controllers: [InterceptedController], providers: [Auditing] },
    );
  });

  it.each(['/take', '/await'])(
    'that want one value only, a normal answer costs no session: %s',
    async (path) => {
      for (let request = 0; request < 3; request++)
        expect((await new Client(server.port).get(path)).body).toBe('1');
      expect(pool()).toMatchObject({ created: 1, idle: 1, retired: { abandoned: 0 } });
    },
  );

  it('a session that one of them works with is not lent on when a time-out around it has given it up', async () => {
    const auditing = server.app.get(Auditing);
    expect((await new Client(server.port).get('/beside')).status).toBe(408);
    InterceptedController.finish();
    await until(() => pool().leased === 0, 'the request is over');
    const lease = await server.coordinator.acquire<Session>('session');
    expect(lease.resource).not.toBe(auditing.sessions[0]);
    await lease.release();
    auditing.finish();
  });
});
