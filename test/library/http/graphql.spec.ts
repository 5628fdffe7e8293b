import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Injectable, type DynamicModule } from '@nestjs/common';
import { GraphQLModule, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PooledResource, type ScopedLease } from 'nestjs-resources';
import { type Adapter, ADAPTERS, type LendingApp, startLendingApp } from './lending-app.fixture.js';
import { type Session, SessionFactory } from './session.fixture.js';
import { until } from './until.fixture.js';

const typeDefs = `
  type Order { id: Int!, session: Int! }
  type Query { order: Order!, slow: Int! }
`;

@Injectable()
class Gate {
  waiting = false;
  open: () => void = () => undefined;

  async wait(): Promise<void> {
    this.waiting = true;
    await new Promise<void>((resolve) => (this.open = resolve));
  }
}

@Resolver('Order')
class OrderResolver {
  @PooledResource('session') private readonly own!: ScopedLease<Session>;

  constructor(private readonly gate: Gate) {}

  @Query()
  order(@PooledResource('session') session: ScopedLease<Session>): object {
    return { id: session.resource.id };
  }

  @ResolveField()
  async session(@Parent() _order: object): Promise<number> {
    return (await this.own.acquire()).id;
  }

  @Query()
  async slow(): Promise<number> {
    const session = await this.own.acquire();
    await this.gate.wait();
    return session.id;
  }
}

function graphql(adapter: Adapter): DynamicModule {
  if (adapter === 'express')
    return GraphQLModule.forRoot<ApolloDriverConfig>({ driver: ApolloDriver, typeDefs, playground: false });
  return GraphQLModule.forRoot<MercuriusDriverConfig>({ driver: MercuriusDriver, typeDefs });
}

let server: LendingApp;
let gate: Gate;

async function start(adapter: Adapter): Promise<void> {
  const session = new SessionFactory().definition({ max: 1, abandonment: { wait: 0 } });
  server = await startLendingApp(
    adapter,
    { resources: { session } },
    { imports: [graphql(adapter)], providers: [Gate, OrderResolver] },
  );
  gate = server.app.get(Gate);
}

function query(text: string, signal?: AbortSignal): Promise<Response> {
  return fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: text }),
    signal,
  });
}

const pool = () => server.coordinator.stats().pools['session'];

afterEach(async () => {
  gate.open();
  await server.app.close();
});

describe.each(ADAPTERS)('on %s, an operation of GraphQL', (adapter) => {
  beforeEach(() => start(adapter));

  it('has one lease for all its resolvers, which goes back with the answer', async () => {
    const response = await query('{ order { id session } }');
    expect(await response.json()).toMatchObject({ data: { order: { id: 1, session: 1 } } });
    await until(() => pool().leased === 0, 'the lease is back');
    expect(pool()).toMatchObject({ acquired: 1, created: 1 });
  });

  it.each([
    ['query GetSlow { slow }', 'query GetSlow (http)'],
    ['{ slow }', 'query slow (http)'],
  ])('is the owner of the lease: %s', async (text, owner) => {
    const response = query(text);
    await until(() => gate.waiting, 'the resolver waits');
    expect(server.coordinator.leases()).toMatchObject([{ owner }]);
    gate.open();
    await response;
  });

  it('a resolver of GraphQL whose client hangs up: when it has settled', async () => {
    const controller = new AbortController();
    const response = query('{ slow }', controller.signal).catch(() => undefined);
    await until(() => gate.waiting, 'the resolver waits');
    controller.abort();
    await response;
    await expect(server.coordinator.acquire('session', { timeout: 50 })).rejects.toThrow('within 50 ms');
    gate.open();
    await until(() => pool().leased === 0, 'the lease is back');
    expect(pool()).toMatchObject({ created: 1, retired: { abandoned: 0 } });
  });
});
