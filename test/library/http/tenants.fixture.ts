import type { AddressInfo } from 'node:net';
import { Injectable, type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { PooledResource, ResourceCoordinator, ResourcesModule, type ScopedLease } from 'nestjs-resources';
import { Client } from './client.fixture.js';
import type { Adapter } from './lending-app.fixture.js';
import { SharedClient } from './shared-client.fixture.js';
import { until } from './until.fixture.js';
import { type Account, byTenant } from './tenant-key.fixture.js';

/** What the code at a place of the platform borrows: an account of the tenant whose request it is. */
@Injectable()
export class Accounts {
  readonly seen: string[] = [];
  private gate: Promise<void> | undefined;
  private readonly open: (() => void)[] = [];

  constructor(@PooledResource('account', byTenant) private readonly account: ScopedLease<Account>) {}

  /** Borrows, and notes whose account it was. After `stop()`, works on until `goOn()`. */
  readonly see = async (place: string): Promise<void> => {
    const { tenant } = await this.account.acquire();
    this.seen.push(`${tenant} at the ${place}`);
    await this.gate;
  };

  stop(): void {
    this.gate = new Promise((resolve) => this.open.push(resolve));
  }

  goOn(): void {
    this.gate = undefined;
    for (const open of this.open.splice(0)) open();
  }
}

@Module({ providers: [Accounts, SharedClient], exports: [Accounts, SharedClient] })
class AccountsModule {}

/** An application whose platform is told of things before Nest knows it, and after. */
export class Tenants {
  static readonly all: readonly string[] = ['acme', 'globex', 'initech'];

  static async start(
    adapter: Adapter,
    prepare: (app: INestApplication, tenants: Tenants) => unknown,
    platform: ExpressAdapter | FastifyAdapter = adapter === 'express'
      ? new ExpressAdapter()
      : new FastifyAdapter(),
    tenants: Tenants = new Tenants(),
  ): Promise<Tenants> {
    const account = {
      create: ({ key }: { key: string }): Account => ({ tenant: key }),
      pool: { keyed: { max: 10 }, abandonment: { wait: 0 } },
    };
    const imports = [ResourcesModule.forRoot({ resources: { account } }), AccountsModule];
    const root = { module: class TenantsModule {}, imports };
    // As applications do it: what is registered before is there when the module comes.
    const app = await NestFactory.create(root, platform, { logger: false });
    Object.assign(tenants, { app });
    await prepare(app, tenants);
    await app.listen(0, '127.0.0.1');
    return tenants;
  }

  app!: INestApplication;

  get port(): number {
    return (this.app.getHttpServer().address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get accounts(): Accounts {
    return this.app.get(Accounts);
  }

  /** Borrows; to be handed to the platform before there is an application. */
  readonly see = (place: string): Promise<void> => this.accounts.see(place);

  /** Calls back in the context of the first request that asked. */
  readonly ask = (callback: () => unknown): void => this.app.get(SharedClient).ask(callback);

  /** A request of each tenant at once. @returns what they were answered */
  async get(path: string): Promise<string[]> {
    return await Promise.all(Tenants.all.map((tenant) => this.getAs(tenant, path)));
  }

  async getAs(tenant: string, path: string): Promise<string> {
    const response = await fetch(`${this.url}${path}`, { headers: { 'x-tenant': tenant } });
    return `${response.status} ${await response.text()}`;
  }

  /** Where each tenant's account was borrowed. */
  get seen(): Record<string, string[]> {
    return Object.fromEntries(
      Tenants.all.map((tenant) => {
        const start = `${tenant} at the `;
        const places = this.accounts.seen.filter((each) => each.startsWith(start));
        return [tenant, places.map((each) => each.slice(start.length))];
      }),
    );
  }

  /** Hangs up while somebody works with what was borrowed. @returns what has become of it when the work is done */
  async hangUp(path: string): Promise<object> {
    const { accounts } = this;
    accounts.stop();
    const seen = accounts.seen.length;
    const sent = new Client(this.port).send('GET', path);
    sent.setHeader('x-tenant', 'acme');
    sent.end();
    await until(() => accounts.seen.length > seen, 'somebody works');
    const closed = new Promise((resolve) => sent.once('close', resolve));
    sent.destroy();
    await closed;
    await new Promise((resolve) => setTimeout(resolve, 30)); // the server hears of it
    const { scopes } = this.stats;
    accounts.goOn();
    await until(() => this.stats.scopes === 0, 'the scope is over');
    const { acquired, released, abandoned, destroyed } = this.stats.pools['account'] ?? {};
    return { scopes, kept: acquired === released, abandoned, destroyed };
  }

  get stats(): ReturnType<ResourceCoordinator['stats']> {
    return this.app.get(ResourceCoordinator).stats();
  }

  async close(): Promise<void> {
    await this.app.close();
  }
}

/** Of a request whose client hung up during work that is seen. */
export const KEPT = { scopes: 1, kept: true, abandoned: 0, destroyed: 0 };

/** The same where what comes after that work goes on in a callback, which can't be seen. */
export const RETIRED = { ...KEPT, destroyed: 1 };

/** The same at each of the tenants. */
export function each<T>(value: T): Record<string, T> {
  return Object.fromEntries(Tenants.all.map((tenant) => [tenant, value]));
}
