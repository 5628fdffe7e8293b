import { EventEmitter, once } from 'node:events';
import { Controller, Get, Injectable, Res, type Type, UseInterceptors } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { CachedResource, PooledResource, ResourceCoordinator, type ScopedLease } from 'nestjs-resources';
import { CancelOnHangUp } from 'nestjs-resources/pg';
import type { Client, Pool } from 'pg';
import { type Observable, timeout } from 'rxjs';

/** What the handlers have seen. */
@Injectable()
export class Seen {
  readonly codes: unknown[] = [];
  loads = 0;
  readonly goOn = new EventEmitter();
}

class ShortTime implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(timeout(300));
  }
}

/** Each handler runs a statement that tells its name. */
@Controller()
class ReportsController {
  constructor(
    @PooledResource('pg') private readonly pg: ScopedLease<Client>,
    private readonly coordinator: ResourceCoordinator,
    private readonly seen: Seen,
  ) {}

  @Get('plain')
  plain(): Promise<string> {
    return this.run(`SELECT pg_sleep(1), 'plain'`);
  }

  @CancelOnHangUp()
  @Get('asked')
  asked(): Promise<string> {
    return this.run(`SELECT pg_sleep(30), 'asked'`);
  }

  @CancelOnHangUp()
  @Get('other')
  other(): Promise<string> {
    return this.run(`SELECT pg_sleep(30), 'other'`);
  }

  @CancelOnHangUp(false)
  @Get('spared')
  spared(): Promise<string> {
    return this.run(`SELECT pg_sleep(1), 'spared'`);
  }

  @CancelOnHangUp()
  @Get('cleaned')
  async cleaned(): Promise<string> {
    const client = await this.pg.acquire();
    await client.query('BEGIN');
    try {
      return await this.run(`SELECT pg_sleep(30), 'cleaned'`);
    } finally {
      await client.query('ROLLBACK');
      await this.run(`SELECT pg_sleep(0.1), 'after'`);
    }
  }

  /** Its client is gone before its first statement. */
  @CancelOnHangUp()
  @Get('late')
  async late(): Promise<string> {
    const client = await this.pg.acquire();
    this.seen.loads++;
    await once(this.seen.goOn, 'late');
    await this.note(client, `SELECT pg_sleep(30), 'late'`).catch(() => undefined);
    return this.note(client, `SELECT pg_sleep(0.1), 'late'`);
  }

  @CancelOnHangUp()
  @UseInterceptors(ShortTime)
  @Get('timed')
  timed(): Promise<string> {
    return this.run(`SELECT pg_sleep(30), 'timed'`);
  }

  @CancelOnHangUp()
  @Get('answered')
  answered(): string {
    void this.pg.use(() => this.run(`SELECT pg_sleep(1), 'answered'`));
    return 'answered';
  }

  @CancelOnHangUp()
  @Get('separate')
  separate(): Promise<string> {
    return this.coordinator.use<Client, string>(
      'pg',
      (client) => this.note(client, `SELECT pg_sleep(30), 'separate'`),
      {
        separate: true,
      },
    );
  }

  /** As an ORM does. */
  @CancelOnHangUp()
  @Get('pooled')
  pooled(): Promise<string> {
    return this.note(this.coordinator.pgPool('pg'), `SELECT pg_sleep(30), 'pooled'`);
  }

  @CancelOnHangUp()
  @Get('job')
  job(): Promise<string> {
    const work = (): Promise<string> =>
      this.coordinator.use<Client, string>('pg', (client) => this.note(client, `SELECT pg_sleep(1), 'job'`));
    return this.coordinator.run(work, { owner: 'job' });
  }

  @CancelOnHangUp()
  @Get('loaded')
  loaded(): Promise<string> {
    this.seen.loads++;
    return this.coordinator.cache.wrap('loaded', () => this.run(`SELECT pg_sleep(1), 'loaded'`));
  }

  /** Nobody can see that it works. */
  @CancelOnHangUp()
  @Get('unseen')
  unseen(@Res() _response: unknown): void {
    void this.run(`SELECT pg_sleep(30), 'unseen'`).catch(() => undefined);
  }

  @CancelOnHangUp()
  @Get('cached')
  async cached(@CachedResource('shared', 'all') shared: ScopedLease<Client>): Promise<string> {
    this.seen.loads++;
    return this.note(await shared.acquire(), `SELECT pg_sleep(1), 'cached'`);
  }

  /** Its own session is used by the load, too. */
  @CancelOnHangUp()
  @Get('lent')
  async lent(@PooledResource('pg') pg: ScopedLease<Client>): Promise<string> {
    const { resource } = pg;
    await resource.query('SELECT 1');
    this.seen.loads++;
    return this.coordinator.cache.wrap('lent', () => this.note(resource, `SELECT pg_sleep(1), 'lent'`));
  }

  private async run(text: string): Promise<string> {
    return this.note(await this.pg.acquire(), text);
  }

  private async note(client: Client | Pool, text: string): Promise<string> {
    try {
      await client.query(text);
      this.seen.codes.push('done');
      return 'done';
    } catch (error) {
      this.seen.codes.push((error as { code?: unknown }).code);
      throw error;
    }
  }
}

@CancelOnHangUp()
@Controller('marked')
class MarkedController {
  constructor(@PooledResource('pg') private readonly pg: ScopedLease<Client>) {}

  @Get('asked')
  asked(): Promise<unknown> {
    return this.pg.use((client) => client.query(`SELECT pg_sleep(30), 'marked'`));
  }
}

export const CONTROLLERS: Type[] = [ReportsController, MarkedController];
