import { PassThrough, Readable } from 'node:stream';
import { Controller, Get, StreamableFile } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { PooledResource, type ScopedLease } from 'nestjs-resources';
import { Client } from './client.fixture.js';
import { ADAPTERS, type LendingApp, startLendingApp } from './lending-app.fixture.js';
import { type Session, SessionFactory } from './session.fixture.js';
import { until } from './until.fixture.js';

/** Bodies whose first part is on its way until the test ends. */
@Controller()
class UnseenController {
  readonly sessions: Session[] = [];
  private working = 0;

  constructor(@PooledResource('session') private readonly session: ScopedLease<Session>) {}

  get began(): boolean {
    return this.working > 0;
  }

  @Get('web')
  async web(): Promise<ReadableStream> {
    return await this.webStream();
  }

  @Get('response')
  async response(): Promise<Response> {
    return new Response(await this.webStream());
  }

  @Get('proxy')
  async proxy(): Promise<unknown> {
    this.sessions.push(await this.session.acquire());
    const next = async () => ({ done: false, value: await this.work() });
    const iterable = { [Symbol.asyncIterator]: () => ({ next }) };
    return new Proxy(iterable, {});
  }

  /** A cursor that is piped into a format. */
  @Get('piped')
  async piped(): Promise<StreamableFile> {
    this.sessions.push(await this.session.acquire());
    const cursor = new Readable({ read: () => void this.work(), destroy: () => undefined });
    return new StreamableFile(cursor.pipe(new PassThrough()));
  }

  /** A stream whose step is on its way when it is destroyed. */
  @Get('step')
  async step(): Promise<StreamableFile> {
    this.sessions.push(await this.session.acquire());
    return new StreamableFile(new Readable({ read: () => void this.work() }));
  }

  private async webStream(): Promise<ReadableStream> {
    this.sessions.push(await this.session.acquire());
    return new ReadableStream({ pull: () => this.work() }, { highWaterMark: 0 });
  }

  private work(): Promise<never> {
    this.working++;
    return new Promise(() => undefined);
  }
}

let server: LendingApp;

afterEach(() => server.app.close());

describe.each(ADAPTERS)(
  'on %s, the session behind a body that can not be watched is not lent on',
  (adapter) => {
    it.each(['/web', '/response', '/proxy', '/piped', '/step'])(
      'when its client hangs up: %s',
      async (path) => {
        const session = new SessionFactory().definition({ max: 1, abandonment: { wait: 0 } });
        server = await startLendingApp(
          adapter,
          { resources: { session } },
          { controllers: [UnseenController] },
        );
        const controller = server.app.get(UnseenController);
        const sent = new Client(server.port).send('GET', path);
        sent.end();
        await until(() => controller.began, 'the body is read');
        sent.destroy();
        const lease = await server.coordinator.acquire<Session>('session');
        expect(lease.resource).not.toBe(controller.sessions[0]);
        expect(server.coordinator.stats().pools['session']).toMatchObject({ retired: { abandoned: 1 } });
        await lease.release();
      },
    );
  },
);
