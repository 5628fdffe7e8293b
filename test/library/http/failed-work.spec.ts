import {
  Controller,
  ForbiddenException,
  Get,
  Injectable,
  Logger,
  NotFoundException,
  Param,
  Query,
  StreamableFile,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import type {
  CallHandler,
  CanActivate,
  ExecutionContext,
  NestInterceptor,
  PipeTransform,
} from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Readable } from 'node:stream';
import { catchError, map, type Observable, throwError } from 'rxjs';
import { type LeaseContext, PooledResource, ResourceCoordinator, type ScopedLease } from 'nestjs-resources';
import { Client } from './client.fixture.js';
import { ADAPTERS, type LendingApp, startLendingApp } from './lending-app.fixture.js';
import { type Session, SessionFactory } from './session.fixture.js';
import { until } from './until.fixture.js';

/** As PostgreSQL's when a failover has made a session read-only. */
const readOnly = Object.assign(new Error('cannot execute INSERT in a read-only transaction'), {
  code: '25006',
});

const harmless = Object.assign(new Error('no such table'), { code: '42P01' });

const asked: unknown[] = [];
/** Throws where there is no code. */
function isFatal(error: unknown): boolean {
  asked.push(error);
  return (error as { code: string }).code.startsWith('25');
}

class Passing implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((value: unknown) => value));
  }
}

/** Throws what a session has failed with, as an interceptor sees it: as the answer to the client. */
class Mapping implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(catchError(() => throwError(() => new NotFoundException())));
  }
}

interface Request {
  params: { tenant: string };
}
const ofTenant = {
  key: ({ request }: LeaseContext<Request>): string => {
    if (request.params.tenant === 'forbidden') throw new ForbiddenException('not yours');
    return request.params.tenant;
  },
};

@Injectable()
class Writer {
  constructor(@PooledResource('session') private readonly session: ScopedLease<Session>) {}

  async write(): Promise<void> {
    await this.session.acquire();
    throw readOnly;
  }
}

@Injectable()
class WritingGuard implements CanActivate {
  constructor(private readonly writer: Writer) {}

  async canActivate(): Promise<boolean> {
    await this.writer.write();
    return true;
  }
}

@Injectable()
class WritingPipe implements PipeTransform {
  constructor(private readonly writer: Writer) {}

  transform(): Promise<void> {
    return this.writer.write();
  }
}

@Controller()
class WritingController {
  constructor(
    private readonly writer: Writer,
    private readonly coordinator: ResourceCoordinator,
  ) {}

  @Get('parameter')
  parameter(@PooledResource('session') _session: ScopedLease<Session>): void {
    throw readOnly;
  }

  @Get('service')
  service(): Promise<void> {
    return this.writer.write();
  }

  @Get('intercepted')
  @UseInterceptors(Passing)
  intercepted(): Promise<void> {
    return this.writer.write();
  }

  @Get('mapped')
  @UseInterceptors(Mapping)
  mapped(): Promise<void> {
    return this.writer.write();
  }

  @Get('guard')
  @UseGuards(WritingGuard)
  guard(): string {
    return 'let in';
  }

  @Get('pipe')
  pipe(@Query('q', WritingPipe) _q: unknown): string {
    return 'piped';
  }

  @Get('observable')
  observable(@PooledResource('session') _session: ScopedLease<Session>): Observable<never> {
    return throwError(() => readOnly);
  }

  @Get('use')
  use(@PooledResource('session') session: ScopedLease<Session>): Promise<void> {
    return session.use(() => Promise.reject(readOnly));
  }

  @Get('no-error')
  noError(@PooledResource('session') _session: ScopedLease<Session>): Promise<void> {
    const nothingButACode: unknown = { code: '25006' };
    return Promise.reject(nothingButACode);
  }

  @Get('stream')
  stream(@PooledResource('session') _session: ScopedLease<Session>): StreamableFile {
    const rows = async function* (): AsyncGenerator<Buffer> {
      yield Buffer.from('a row');
      await Promise.resolve();
      throw readOnly;
    };
    return new StreamableFile(Readable.from(rows()), { type: 'text/plain' });
  }

  @Get('job')
  job(): Promise<void> {
    return this.coordinator.run(() => this.writer.write());
  }

  @Get('unknown')
  unknown(@PooledResource('session') session: ScopedLease<Session>): Promise<void> {
    return session.use(() => Promise.reject(harmless));
  }

  @Get('mistake')
  mistake(@PooledResource('session') _session: ScopedLease<Session>): void {
    throw new NotFoundException('no such order');
  }

  @Get('of/:tenant')
  tenant(
    @Param('tenant') tenant: string,
    @PooledResource('account', ofTenant) _account: ScopedLease<object>,
  ): string {
    return tenant;
  }
}

let server: LendingApp;
let client: Client;

const pool = () => server.coordinator.stats().pools['session'];

afterEach(async () => {
  await server.app.close();
  jest.restoreAllMocks();
});

describe.each(ADAPTERS)('on %s', (adapter) => {
  beforeEach(async () => {
    jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
    const session = new SessionFactory().definition({
      max: 1,
      validation: { isFatal },
    });
    const account = {
      create: ({ key }: { key?: string }): object => {
        if (key === 'nobody') throw new NotFoundException('no such tenant');
        return {};
      },
      pool: { keyed: {}, creation: { retry: { attempts: 3 }, breaker: { failures: 1 } } },
    };
    server = await startLendingApp(
      adapter,
      { resources: { session, account } },
      { controllers: [WritingController], providers: [Writer, WritingGuard, WritingPipe] },
    );
    client = new Client(server.port);
  });

  it.each(['parameter', 'service', 'intercepted', 'guard', 'pipe', 'observable', 'use', 'no-error', 'job'])(
    'an error that is fatal to the session retires it: %s',
    async (path) => {
      for (let request = 0; request < 3; request++) expect((await client.get(`/${path}`)).status).toBe(500);
      expect(pool()).toMatchObject({ created: 3, retired: { invalid: 3 }, leased: 0 });
      expect(server.coordinator.stats().troubles).toMatchObject(
        path === 'no-error'
          ? [{ kind: 'workFailed', count: 3 }]
          : [{ kind: 'workFailed', count: 3, cause: readOnly.message }],
      );
    },
  );

  it('so does one that an interceptor turns into an answer', async () => {
    for (let request = 0; request < 3; request++) expect((await client.get('/mapped')).status).toBe(404);
    expect(pool()).toMatchObject({ created: 3, retired: { invalid: 3 } });
  });

  it('so does one in the middle of a body', async () => {
    await client.get('/stream').catch(() => undefined); // it is cut off
    await until(() => pool().retired.invalid === 1, 'the session is retired');
    expect(pool()).toMatchObject({ created: 1, leased: 0 });
  });

  it('is asked about once, however many hear of it', async () => {
    asked.length = 0;
    await client.get('/use');
    await client.get('/unknown');
    expect(asked).toEqual([readOnly, harmless]);
  });

  it('an answer of the handler costs no session, and nobody is asked', async () => {
    for (let request = 0; request < 3; request++) expect((await client.get('/mistake')).status).toBe(404);
    expect(pool()).toMatchObject({ created: 1, idle: 1, retired: { invalid: 0 } });
  });

  it('an answer that create gives for a key reaches those who asked for it, again and again', async () => {
    for (let request = 0; request < 5; request++) {
      const { status, body } = await client.get('/of/nobody');
      expect([status, body]).toEqual([404, expect.stringContaining('no such tenant')]);
      expect((await client.get('/of/acme')).body).toBe('acme');
    }
    expect(server.coordinator.stats().troubles).toEqual([]);
  });

  it('an answer that the function of a key gives reaches who asked', async () => {
    const { status, body } = await client.get('/of/forbidden');
    expect([status, body]).toEqual([403, expect.stringContaining('not yours')]);
  });
});
