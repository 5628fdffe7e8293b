import { EventEmitter } from 'node:events';
import { Controller, Get, Injectable } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { PooledResource, type ScopedLease } from 'nestjs-resources';
import { ADAPTERS, type LendingApp, startLendingApp } from './lending-app.fixture.js';
import { until } from './until.fixture.js';
import { type Account, byTenant } from './tenant-key.fixture.js';

/** A client with one connection, which tells of a notice before the answer; both come from its own socket. */
class Session extends EventEmitter {
  private readonly asked: (() => void)[] = [];
  private readonly socket = setInterval(() => {
    for (const answer of this.asked.splice(0)) {
      this.emit('notice');
      answer();
    }
  }, 2);

  ask(): Promise<void> {
    return new Promise((resolve) => this.asked.push(resolve));
  }

  end(): void {
    clearInterval(this.socket);
  }
}

@Injectable()
class Notices {
  /** What the listeners of each tenant got, in order. */
  readonly got: string[] = [];

  constructor(
    @PooledResource('session') private readonly session: ScopedLease<Session>,
    @PooledResource('account', byTenant) private readonly account: ScopedLease<Account>,
  ) {}

  /** Listens, as itself or bound to the unit of work that listens. */
  async listen(tenant: string, bound: boolean): Promise<void> {
    const session = await this.session.acquire();
    const see = async (): Promise<void> => {
      const outcome = await this.account.acquire().then(
        (account) => account.tenant,
        (error: Error) => error.name,
      );
      this.got.push(`${tenant}: ${outcome}`);
    };
    const listener = (): void => void see();
    await this.account.acquire();
    session.on('notice', bound ? this.account.bind(listener) : listener);
  }

  async work(): Promise<void> {
    await this.session.use((session) => session.ask());
  }
}

@Controller()
class NoticesController {
  constructor(private readonly notices: Notices) {}

  @Get('listening')
  async listening(): Promise<string> {
    await this.notices.listen('acme', false);
    await this.notices.work();
    return 'listened';
  }

  @Get('listening-bound')
  async listeningBound(): Promise<string> {
    await this.notices.listen('acme', true);
    await this.notices.work();
    return 'listened';
  }

  @Get('working')
  async working(): Promise<string> {
    await this.notices.work();
    return 'worked';
  }
}

let running: LendingApp | undefined;

afterEach(async () => {
  await running?.app.close();
  running = undefined;
});

describe.each(ADAPTERS)('on %s, an event of a session, heard by who had it before', (adapter) => {
  const start = async () => {
    const session = { create: () => new Session(), destroy: (each: Session) => each.end(), pool: { max: 1 } };
    const account = { create: ({ key }: { key: string }) => ({ tenant: key }), pool: { max: 1, keyed: {} } };
    running = await startLendingApp(
      adapter,
      { resources: { session, account } },
      { controllers: [NoticesController], providers: [Notices] },
    );
    const { url, app, coordinator } = running;
    const ask = async (path: string, tenant: string): Promise<void> => {
      const response = await fetch(`${url}/${path}`, { headers: { 'x-tenant': tenant } });
      expect(response.status).toBe(200);
    };
    const free = (): Promise<void> => until(() => coordinator.stats().scopes === 0, 'all scopes are over');
    return { ask, free, got: app.get(Notices).got };
  };

  it('lends to nobody, because nobody can be known', async () => {
    const { ask, free, got } = await start();
    await ask('listening', 'acme');
    await free();
    await ask('working', 'globex');
    await until(() => got.length === 2, 'both notices were heard');
    expect(got).toEqual(['acme: NoLeaseScopeError', 'acme: NoLeaseScopeError']);
  });

  it('lends to who has bound it, until that is over', async () => {
    const { ask, free, got } = await start();
    await ask('listening-bound', 'acme');
    await free();
    await ask('working', 'globex');
    await until(() => got.length === 2, 'both notices were heard');
    expect(got.toSorted()).toEqual(['acme: LeaseReleasedError', 'acme: acme']);
  });
});
