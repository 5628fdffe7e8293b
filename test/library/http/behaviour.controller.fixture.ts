import { EventEmitter, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import {
  Body,
  type CallHandler,
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Injectable,
  type NestInterceptor,
  Param,
  ParseIntPipe,
  Post,
  RequestTimeoutException,
  Res,
  Sse,
  StreamableFile,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { PooledResource, type ScopedLease } from 'nestjs-resources';
import { catchError, interval, map, type Observable, take, TimeoutError, throwError, timeout } from 'rxjs';
import type { Session } from './session.fixture.js';

/** What happened on the server, in order, and the gates that handlers wait at. */
@Injectable()
export class Journal {
  entries: string[] = [];
  private readonly gates = new EventEmitter();

  note(entry: string): void {
    this.entries.push(entry);
  }

  /** Announces that the handler has come so far, and waits until the test lets it go on. */
  async gate(name: string): Promise<void> {
    const opened = once(this.gates, 'open');
    this.note(name);
    await opened;
  }

  open(): void {
    this.gates.emit('open');
  }
}

@Injectable()
class LeasingGuard implements CanActivate {
  constructor(@PooledResource('session') private readonly session: ScopedLease<Session>) {}

  async canActivate(): Promise<boolean> {
    await this.session.acquire();
    return false;
  }
}

@Injectable()
class SlowGuard implements CanActivate {
  constructor(
    @PooledResource('session') private readonly session: ScopedLease<Session>,
    private readonly journal: Journal,
  ) {}

  async canActivate(): Promise<boolean> {
    await this.session.acquire();
    await this.journal.gate('guard');
    this.journal.note('guard done');
    return true;
  }
}

@Injectable()
class TimeoutInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      timeout(20),
      catchError((error: unknown) =>
        throwError(() => (error instanceof TimeoutError ? new RequestTimeoutException() : error)),
      ),
    );
  }
}

interface RawReply {
  raw?: ServerResponse;
}

@Controller()
export class BehaviourController {
  @PooledResource('session') private readonly own!: ScopedLease<Session>;

  constructor(private readonly journal: Journal) {}

  @Get('normal')
  async normal(@PooledResource('session') session: ScopedLease<Session>): Promise<object> {
    const same = (await this.own.acquire()) === session.resource;
    this.journal.note('handler done');
    return { session: session.resource.id, same };
  }

  @Get('throw')
  throw(@PooledResource('session') _session: ScopedLease<Session>): never {
    this.journal.note('handler done');
    throw new Error('the handler failed');
  }

  @Get('guarded')
  @UseGuards(LeasingGuard)
  guarded(): string {
    return 'unreachable';
  }

  @Get('pipe/:id')
  pipe(
    @PooledResource('session') _session: ScopedLease<Session>,
    @Param('id', ParseIntPipe) _id: number,
  ): string {
    return 'unreachable';
  }

  @Get('res')
  async res(
    @PooledResource('session') session: ScopedLease<Session>,
    @Res() reply: ServerResponse & RawReply,
  ): Promise<void> {
    const response = reply.raw ?? reply;
    response.setHeader('content-type', 'text/plain');
    response.end(String(session.resource.id));
    await this.journal.gate('handler waits');
    this.journal.note(`handler done with session ${session.resource.id}`);
  }

  @Get('file')
  file(@PooledResource('session') session: ScopedLease<Session>): StreamableFile {
    const { journal } = this;
    async function* lines(): AsyncGenerator<Buffer> {
      yield Buffer.from(`${session.resource.id}\n`);
      await journal.gate('half sent');
      yield Buffer.from(`${session.resource.id}\n`);
      journal.note('body done');
    }
    return new StreamableFile(Readable.from(lines()), { type: 'text/plain' });
  }

  @Get('generator')
  async *generator(): AsyncGenerator<string> {
    const session = await this.own.acquire();
    try {
      yield `${session.id}\n`;
      await this.journal.gate('half sent');
      yield `${this.own.resource.id}\n`;
    } finally {
      this.journal.note('body done');
    }
  }

  @Sse('sse')
  sse(@PooledResource('session') session: ScopedLease<Session>): Observable<object> {
    return interval(1).pipe(
      take(3),
      map(() => ({ data: { session: session.resource.id } })),
    );
  }

  @Sse('sse/endless')
  endless(@PooledResource('session') session: ScopedLease<Session>): Observable<object> {
    this.journal.note('started');
    return interval(1).pipe(map(() => ({ data: { session: session.resource.id } })));
  }

  @Get('late')
  @UseInterceptors(TimeoutInterceptor)
  async late(@PooledResource('session') session: ScopedLease<Session>): Promise<string> {
    await this.journal.gate('handler waits');
    this.journal.note(`handler done with session ${session.resource.id}`);
    return 'too late';
  }

  @Get('slow')
  async slow(@PooledResource('session') session: ScopedLease<Session>): Promise<string> {
    await this.journal.gate('handler waits');
    this.journal.note(`handler done with session ${session.resource.id}`);
    return 'slow';
  }

  @Get('slow-guard')
  @UseGuards(SlowGuard)
  slowGuard(@PooledResource('session') _session: ScopedLease<Session>): string {
    this.journal.note('handler done');
    return 'guarded';
  }

  @Post('echo')
  echo(@Body() body: { text: string }, @PooledResource('session') session: ScopedLease<Session>): object {
    this.journal.note('handler done');
    return { text: body.text, session: session.resource.id };
  }

  @Get('background')
  background(): string {
    void this.own
      .use(async (session) => {
        await this.journal.gate('background waits');
        this.journal.note(`background done with session ${session.id}`);
      })
      .catch((error: unknown) => this.journal.note(String(error)));
    return 'accepted';
  }

  @Get('nothing')
  nothing(): string {
    return 'nothing borrowed';
  }
}

export const GUARDS = [LeasingGuard, SlowGuard];
