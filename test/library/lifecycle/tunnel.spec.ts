import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Controller, Get } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PooledResource, type ResourceDefinitions, type ScopedLease } from 'nestjs-resources';
import { Client } from 'pg';
import { Postgres } from '../../application/postgres.fixture.js';
import { eventually } from '../../eventually.fixture.js';
import { ADAPTERS, type LendingApp, startLendingApp } from '../http/lending-app.fixture.js';
import { NetworkGate } from './gate.fixture.js';

@Controller()
class AnswersController {
  @Get()
  async answer(@PooledResource('pg') pg: ScopedLease<Client>): Promise<unknown> {
    return (await pg.resource.query('SELECT 42 AS answer')).rows[0];
  }

  @Get('alive')
  alive(): string {
    return 'alive';
  }
}

interface Tunnel {
  readonly port: number;
  readonly control: Socket;
}

describe.each(ADAPTERS)('on %s, sessions of PostgreSQL that go through a tunnel', (adapter) => {
  let postgres: Postgres;
  let gate: NetworkGate;
  let lending: LendingApp | undefined;
  /** What was made and ended, in its order. */
  let log: string[];
  let tunnel: Tunnel | undefined;

  beforeAll(async () => {
    postgres = await Postgres.start();
  });

  beforeEach(() => {
    const { hostname, port } = new URL(postgres.url);
    gate = new NetworkGate({ host: hostname, port: Number(port) });
    log = [];
  });

  afterEach(async () => {
    await lending?.app.close();
    lending = undefined;
    gate.close();
  });

  afterAll(() => postgres.stop());

  const resources = (optional: boolean): ResourceDefinitions => ({
    pg: {
      dependsOn: ['tunnel'],
      optional,
      create: async ({ retire }) => {
        const url = new URL(postgres.url);
        url.port = `${tunnel?.port}`;
        const client = new Client({ connectionString: url.href, application_name: 'orders' });
        client.on('error', retire);
        await client.connect();
        log.push('session made');
        return client;
      },
      destroy: async (client: Client) => {
        log.push('session ended');
        await client.end();
      },
      validate: async (client: Client) => (await client.query('SELECT 1')).rowCount === 1,
      pool: { min: 2, max: 4, validation: { aliveBypass: 0 }, acquireTimeout: '10s' },
    },
    tunnel: {
      optional,
      create: async ({ retire }) => {
        if (gate.port === 0) throw new Error('the gate is closed');
        const control = connect({ port: gate.port, host: '127.0.0.1' });
        await once(control, 'connect');
        control.once('close', () => retire(new Error('the gate has closed the tunnel')));
        control.on('error', () => undefined);
        log.push('tunnel made');
        tunnel = { port: gate.port, control };
        return tunnel;
      },
      destroy: ({ control }: Tunnel) => {
        log.push('tunnel ended');
        control.destroy();
      },
      pool: { min: 1, max: 1 },
    },
  });

  const start = async (optional = false): Promise<LendingApp> => {
    lending = await startLendingApp(
      adapter,
      { resources: resources(optional), logging: false },
      { controllers: [AnswersController] },
    );
    return lending;
  };

  const get = async (path = ''): Promise<{ status: number; body: unknown; retryAfter: string | null }> => {
    const response = await fetch(`${lending?.url}/${path}`);
    const text = await response.text();
    return {
      status: response.status,
      body: text.startsWith('{') ? (JSON.parse(text) as unknown) : text,
      retryAfter: response.headers.get('retry-after'),
    };
  };

  it('are made after it, and end before it', async () => {
    await gate.open();
    const { app } = await start();
    expect(await get()).toMatchObject({ status: 200, body: { answer: 42 } });
    await app.close();
    lending = undefined;
    expect(log).toEqual([
      'tunnel made',
      'session made',
      'session made',
      'session ended',
      'session ended',
      'tunnel ended',
    ]);
    await eventually(async () => expect(await postgres.sessions()).toEqual([]));
  });

  it('are refused at once while it is lost, and lent again when it is back', async () => {
    await gate.open();
    const { coordinator } = await start();
    gate.close();
    await eventually(() => expect(coordinator.phaseOf('pg')).toBe('degraded'));
    expect(coordinator.stats()).toMatchObject({ phase: 'degraded', phases: { tunnel: 'degraded' } });
    const asked = Array.from({ length: 20 }, () => get());
    for (const answer of await Promise.all(asked)) {
      expect(answer).toEqual({
        status: 503,
        retryAfter: '1',
        body: {
          statusCode: 503,
          error: 'DependencyError',
          pool: 'pg',
          message: 'No resource of pool "pg" is available now. Try again later.',
        },
      });
    }
    expect(await get('alive')).toMatchObject({ status: 200, body: 'alive' });
    expect(coordinator.stats().pools['pg'].timeouts).toBe(0);
    await gate.open();
    await eventually(() => expect(coordinator.stats().phase).toBe('ready'));
    expect(await get()).toMatchObject({ status: 200, body: { answer: 42 } });
  });

  it('that are optional come by themselves after a start without it', async () => {
    const { coordinator } = await start(true);
    expect(coordinator.stats()).toMatchObject({
      phase: 'degraded',
      phases: { pg: 'degraded', tunnel: 'degraded' },
    });
    expect(await get()).toMatchObject({ status: 503, body: { error: 'DependencyError' } });
    await gate.open();
    await eventually(() => expect(coordinator.phaseOf('pg')).toBe('ready'));
    expect(await get()).toMatchObject({ status: 200, body: { answer: 42 } });
  });

  it('fail the start without it, and leave nothing behind', async () => {
    await expect(start()).rejects.toMatchObject({ name: 'ResourceCreationError', type: 'tunnel' });
    expect(log).toEqual([]);
    expect(await postgres.sessions()).toEqual([]);
  });
});
