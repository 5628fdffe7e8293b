import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { Controller, Get, Injectable, type INestApplication, StreamableFile } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { PooledResource, type ScopedLease } from 'nestjs-resources';
import { type Adapter, ADAPTERS, type LendingApp, startLendingApp } from './lending-app.fixture.js';
import { SharedClient } from './shared-client.fixture.js';
import { type Account, byTenant } from './tenant-key.fixture.js';
import { until } from './until.fixture.js';

/** Notes whose account the code at a place gets. */
@Injectable()
class Accounts {
  readonly seen: string[] = [];
  private finish: () => void = () => undefined;

  constructor(@PooledResource('account', byTenant) private readonly account: ScopedLease<Account>) {}

  async see(place: string): Promise<void> {
    const seen = await this.account.acquire().then(
      ({ tenant }) => tenant,
      () => 'refused',
    );
    this.seen.push(`${seen} at the ${place}`);
  }

  /** Works past the answer, until the test lets it. */
  goOn(): void {
    void this.account.use(() => new Promise<void>((resolve) => (this.finish = resolve)));
  }

  end(): void {
    this.finish();
  }
}

@Controller()
class AccountsController {
  constructor(private readonly accounts: Accounts) {}

  /** Its answer is later than that of the request behind it could be. */
  @Get('first')
  async first(): Promise<string> {
    this.accounts.goOn();
    await until(() => this.accounts.seen.includes('globex at the beginning'), 'the second request is there');
    return 'first';
  }

  @Get('file')
  async file(): Promise<StreamableFile> {
    await this.accounts.see('beginning');
    const { accounts } = this;
    async function* parts(): AsyncGenerator<Buffer> {
      for (let part = 0; part < 3; part++) {
        yield Buffer.alloc(300_000);
        await accounts.see('file');
      }
    }
    return new StreamableFile(Readable.from(parts()));
  }

  @Get('quick')
  async quick(): Promise<string> {
    await this.accounts.see('beginning');
    return 'quick';
  }

  @Get('small')
  small(): StreamableFile {
    const { accounts } = this;
    async function* parts(): AsyncGenerator<string> {
      yield 'small';
      await accounts.see('file');
    }
    return new StreamableFile(Readable.from(parts()));
  }
}

let server: LendingApp;
let accounts: Accounts;

async function start(
  adapter: Adapter,
  prepare: (app: INestApplication) => void = () => undefined,
): Promise<void> {
  const account = {
    create: ({ key }: { key: string }): Account => ({ tenant: key }),
    pool: { keyed: { max: 10 } },
  };
  server = await startLendingApp(
    adapter,
    { resources: { account }, drainTimeout: '1s' },
    { controllers: [AccountsController], providers: [Accounts, SharedClient] },
    prepare,
  );
  accounts = server.app.get(Accounts);
}

/** Two tenants' requests, one after the other on one connection, without waiting for the first answer. @returns all that came */
async function pipeline(first: string, second: string): Promise<string> {
  const socket = connect(server.port, '127.0.0.1');
  const head = (path: string, tenant: string, connection: string): string =>
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nX-Tenant: ${tenant}\r\nConnection: ${connection}\r\n\r\n`;
  socket.write(head(first, 'acme', 'keep-alive') + head(second, 'globex', 'close'));
  let answers = '';
  socket.setEncoding('latin1').on('data', (text: string) => (answers += text));
  await once(socket, 'close');
  return answers;
}

afterEach(async () => {
  accounts.end();
  await server.app.close();
});

describe.each(ADAPTERS)('on %s, a pipelined request', (adapter) => {
  it('has a file that is made for itself, whoever it waited for', async () => {
    await start(adapter);
    const answers = await pipeline('/first', '/file');
    expect(answers.length).toBeGreaterThan(900_000);
    expect(accounts.seen).toEqual([
      'globex at the beginning',
      ...Array<string>(3).fill('globex at the file'),
    ]);
  });

  it("tells of its own end, not of another tenant's", async () => {
    await start(adapter, (app) => {
      app.use((request: { headers: Record<string, string> }, response: ServerResponse, next: () => void) => {
        if (request.headers['x-tenant'] === 'globex')
          response.on('finish', () => void app.get(Accounts).see('end'));
        next();
      });
    });
    await pipeline('/first', '/quick');
    await until(() => accounts.seen.length === 2, 'it has ended');
    expect(accounts.seen[1]).not.toContain('acme');
  });

  it('has hooks of its own after its answer', async () => {
    await start(adapter, (app) => {
      const platform = app.getHttpAdapter() as AbstractHttpAdapter;
      platform.setOnResponseHook?.(async (request: { headers: Record<string, string> }) => {
        if (request.headers['x-tenant'] === 'globex') await app.get(Accounts).see('end');
      });
    });
    await pipeline('/first', '/quick');
    await until(() => accounts.seen.length === 2, 'it has ended');
    expect(accounts.seen[1]).not.toContain('acme');
  });
});

describe('on fastify, a file', () => {
  it('is made for its request, whatever context the last hook goes on from', async () => {
    await start('fastify', (app) => {
      const fastify = app.getHttpAdapter().getInstance() as FastifyInstance;
      fastify.addHook('onSend', (_request, _reply, payload, done) =>
        app.get(SharedClient).ask(() => done(null, payload)),
      );
    });
    for (const tenant of ['acme', 'globex', 'initech'])
      await (await fetch(`${server.url}/small`, { headers: { 'x-tenant': tenant } })).text();
    await until(() => accounts.seen.length === 3, 'all are made');
    expect(accounts.seen).toEqual(['acme at the file', 'globex at the file', 'initech at the file']);
  });
});
