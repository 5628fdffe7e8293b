import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, type INestApplication, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  type BackupDocument,
  PooledResource,
  ResourceCoordinator,
  ResourcesModule,
  type RestoreReport,
} from 'nestjs-resources';
import type { ScopedLease } from 'nestjs-resources';
import { Client } from 'pg';
import { Postgres } from '../../application/postgres.fixture.js';
import { eventually } from '../../eventually.fixture.js';

const SECRET = 'hunter2-planted-secret';

/** Sessions whose name tells on the server which factory made them. */
const sessionsOf = (url: string, name: string) => ({
  create: async (): Promise<Client> => {
    const client = new Client({ connectionString: url, application_name: name });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  },
  destroy: (client: Client) => client.end(),
  validate: async (client: Client) => (await client.query('SELECT 1')).rowCount === 1,
});

@Controller()
class WorkController {
  constructor(private readonly coordinator: ResourceCoordinator) {}

  @Get('work')
  async work(@PooledResource('pg') pg: ScopedLease<Client>): Promise<string> {
    return (
      await pg.resource.query<{ name: string }>(
        "SELECT current_setting('application_name') AS name, pg_sleep(0.01)",
      )
    ).rows[0].name;
  }

  @Post('restore')
  restore(@Body() document: unknown): Promise<RestoreReport> {
    return this.coordinator.restore(document, { by: 'http' });
  }
}

describe('a rollback in an application, with sessions of PostgreSQL', () => {
  let postgres: Postgres;
  let app: INestApplication;
  let coordinator: ResourceCoordinator;
  let address: string;
  const logged: string[] = [];

  const work = async (): Promise<[number, string]> => {
    const response = await fetch(`${address}/work`);
    return [response.status, await response.text()];
  };

  const restore = async (document: unknown): Promise<{ status: number; text: string }> => {
    const response = await fetch(`${address}/restore`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(document),
    });
    return { status: response.status, text: await response.text() };
  };

  const namesOnServer = async (): Promise<string[]> => {
    const rows = await postgres.query<{ name: string }>(
      "SELECT DISTINCT application_name AS name FROM pg_stat_activity WHERE application_name LIKE 'gen-%' ORDER BY 1",
    );
    return rows.map(({ name }) => name);
  };

  beforeAll(async () => {
    postgres = await Postgres.start();
    const pool = { min: 1, max: 4, acquireTimeout: '30s' };
    const root = ResourcesModule.forRoot({
      resources: { pg: { ...sessionsOf(postgres.url, 'gen-1'), pool } },
      history: 5,
    });
    class AppModule {}
    Module({ imports: [root], controllers: [WorkController] })(AppModule);
    const write = (...parts: unknown[]): void => void logged.push(parts.map(String).join(' '));
    const logger = { log: write, error: write, warn: write, debug: write, verbose: write };
    app = await NestFactory.create(AppModule, { logger });
    await app.listen(0, '127.0.0.1');
    address = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
    coordinator = app.get(ResourceCoordinator);
  });

  afterAll(async () => {
    await app?.close();
    await postgres?.stop();
  });

  it('goes to a factory and back under load: no request fails, and nothing of it stays on the server', async () => {
    const done = new AbortController();
    const answers: [number, string][] = [];
    const load = Array.from({ length: 8 }, async () => {
      while (!done.signal.aborted) answers.push(await work());
    });
    const answered = (name: string): Promise<void> =>
      eventually(() => expect(answers.some(([, text]) => text === name)).toBe(true));
    await answered('gen-1');
    await coordinator.reconfigure('pg', { factory: sessionsOf(postgres.url, 'gen-2'), max: 6 });
    await answered('gen-2');
    expect(await coordinator.rollback('pg', undefined, { by: 'ann' })).toMatchObject({ outcome: 'applied' });
    const before = answers.length;
    await eventually(() => expect(answers.length).toBeGreaterThan(before + 50));
    done.abort();
    await Promise.all(load);
    expect(answers.filter(([status]) => status !== 200)).toEqual([]);
    expect((await work())[1]).toBe('gen-1');
    await eventually(async () => expect(await namesOnServer()).toEqual(['gen-1']));
    expect(coordinator.drift()).toEqual({});
  });

  it('restores a backup that came over HTTP', async () => {
    const document = await coordinator.backup();
    await coordinator.reconfigure('pg', { max: 9, factory: sessionsOf(postgres.url, 'gen-3') });
    await work();
    const { status, text } = await restore(document);
    expect([status, JSON.parse(text)]).toMatchObject([201, { outcome: 'applied' }]);
    expect(await work()).toEqual([200, 'gen-1']);
    expect(coordinator.history('pg').at(-1)).toMatchObject({ kind: 'restore', by: 'http' });
    await eventually(async () => expect(await namesOnServer()).toEqual(['gen-1']));
  });

  it('answers a damaged backup with no word of it, nor is there one in the log', async () => {
    const document = JSON.parse(JSON.stringify(await coordinator.backup())) as BackupDocument;
    Object.assign(document.resources[0].options, { max: SECRET });
    const { status, text } = await restore(document);
    expect([status, JSON.parse(text)]).toEqual([500, { statusCode: 500, message: 'Internal server error' }]);
    expect(logged.join('\n')).toContain('resources[0].options.max');
    expect(logged.join('\n')).not.toContain(SECRET);
    expect(coordinator.policies.get('pg')).toMatchObject({ max: 4 });
  });

  it('has no address of the server in a backup or a history', async () => {
    const { host, password } = new URL(postgres.url);
    const shown = JSON.stringify([
      await coordinator.backup({ values: true }),
      coordinator.history('pg'),
      coordinator.drift(),
    ]);
    for (const word of [host, password, postgres.url].filter((word) => word !== ''))
      expect(shown).not.toContain(word);
  });
});
