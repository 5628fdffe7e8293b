import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { type DynamicModule, Injectable } from '@nestjs/common';
import { Context, GraphQLModule, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Lease, PooledResource, ResourceCoordinator, type ScopedLease } from 'nestjs-resources';
import { type Adapter, ADAPTERS, type LendingApp, startLendingApp } from './lending-app.fixture.js';
import { type Session, SessionFactory } from './session.fixture.js';
import { until } from './until.fixture.js';

const typeDefs = `
  type Line { session: Int!, own: Int! }
  type Order { session: Int!, lines: [Line!]! }
  type Query { order: Order!, failing: Order! }
`;

interface Borrowed {
  lease: Lease<Session>;
}

@Injectable()
@Resolver('Order')
class OrderResolver {
  @Query()
  order(): object {
    return {};
  }

  @Query()
  failing(): object {
    throw new Error('no such order');
  }

  @ResolveField()
  session(@Parent() _order: object, @Context() { lease }: Borrowed): number {
    return lease.resource.id;
  }

  @ResolveField()
  async lines(): Promise<object[]> {
    await new Promise((resolve) => setImmediate(resolve));
    return [{}, {}];
  }
}

@Injectable()
@Resolver('Line')
class LineResolver {
  @PooledResource('session') private readonly shared!: ScopedLease<Session>;

  @ResolveField()
  session(@Parent() _line: object, @Context() { lease }: Borrowed): number {
    return lease.resource.id;
  }

  @ResolveField()
  async own(): Promise<number> {
    return (await this.shared.acquire()).id;
  }
}

/** A context for each operation, in which a session is borrowed by hand. */
function graphql(adapter: Adapter): DynamicModule {
  const borrow = async (coordinator: ResourceCoordinator, more: object): Promise<object> => ({
    ...more,
    lease: await coordinator.acquire('session'),
  });
  const inject = [ResourceCoordinator];
  return adapter === 'express'
    ? GraphQLModule.forRootAsync<ApolloDriverConfig>({
        driver: ApolloDriver,
        inject,
        useFactory: (coordinator: ResourceCoordinator) => ({
          typeDefs,
          playground: false,
          context: ({ req }: { req: object }) => borrow(coordinator, { req }),
        }),
      })
    : GraphQLModule.forRootAsync<MercuriusDriverConfig>({
        driver: MercuriusDriver,
        inject,
        useFactory: (coordinator: ResourceCoordinator) => ({
          typeDefs,
          context: (_request: object, reply: object) => borrow(coordinator, { reply }),
        }),
      });
}

let running: LendingApp | undefined;

afterEach(async () => {
  await running?.app.close();
  running = undefined;
});

describe.each(ADAPTERS)('on %s, a session that the context function of GraphQL borrows', (adapter) => {
  const ask = async (query: string) => {
    running = await startLendingApp(
      adapter,
      { resources: { session: new SessionFactory().definition({ max: 1 }) } },
      { imports: [graphql(adapter)], providers: [OrderResolver, LineResolver] },
    );
    const { url, coordinator } = running;
    const answers: unknown[] = [];
    for (let operation = 0; operation < 3; operation++) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      });
      answers.push(await response.json());
      await until(() => coordinator.stats().pools['session'].leased === 0, 'the lease is back');
    }
    return { answers, pool: coordinator.stats().pools['session'] };
  };

  it('is that of all resolvers of the operation, and goes back with the answer', async () => {
    const { answers, pool } = await ask('{ order { session lines { session own } } }');
    const line = { session: 1, own: 1 };
    const data = { order: { session: 1, lines: [line, line] } };
    expect(answers).toEqual([{ data }, { data }, { data }]);
    expect(pool).toMatchObject({ acquired: 3, released: 3, created: 1 });
  });

  it.each(['{ failing { session } }', '{ nothing }'])(
    'goes back when the operation fails: %s',
    async (query) => {
      const { answers, pool } = await ask(query);
      for (const answer of answers) expect(answer).toHaveProperty('errors');
      expect(pool.leased).toBe(0);
      expect(pool.created).toBeLessThanOrEqual(1);
    },
  );
});
