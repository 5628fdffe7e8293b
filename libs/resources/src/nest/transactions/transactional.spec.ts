import { afterEach, describe, expect, it } from '@jest/globals';
import {
  Controller,
  Get,
  type INestApplication,
  Injectable,
  type ModuleMetadata,
  Param,
  Scope,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { of } from 'rxjs';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import type { ScopedLease } from '../../scopes/scoped-lease.js';
import { Cached, Evicts } from '../decorators/cached-method.js';
import { PooledResource } from '../decorators/pooled-resource.decorator.js';
import { Transactional, type TransactionalOptions } from '../decorators/transactional.decorator.js';
import { ResourcesModule } from '../resources.module.js';
import type { ResourcesOptions } from '../resources.options.js';
import { ledger, type LedgerSession } from '../../coordinator/transacting/ledger.fixture.js';

const running: INestApplication[] = [];
let kept: string[] = [];

afterEach(async () => {
  for (const app of running.splice(0)) await app.close();
  kept = [];
});

async function start(
  metadata: ModuleMetadata,
  options: ResourcesOptions = { resources: { db: ledger(kept) } },
): Promise<INestApplication> {
  const imports = [ResourcesModule.forRoot(options)];
  const module = await Test.createTestingModule({ ...metadata, imports }).compile();
  const app = module.createNestApplication({ logger: false });
  running.push(app);
  await app.listen(0, '127.0.0.1');
  return app;
}

@Injectable()
class Rows {
  constructor(@PooledResource('db') readonly db: ScopedLease<LedgerSession>) {}

  async write(text: string): Promise<number> {
    const session = await this.db.acquire();
    session.write(text);
    return session.depth;
  }
}

@Injectable()
class Orders {
  constructor(readonly rows: Rows) {}

  @Transactional()
  async create(text: string, fails = false): Promise<number> {
    const depth = await this.rows.write(text);
    if (fails) throw new Error(text);
    return depth;
  }

  @Transactional({ propagation: 'NESTED' })
  async attempt(text: string, fails: boolean): Promise<number> {
    return await this.create(text, fails);
  }

  @Transactional({ type: 'db' })
  async createAll(...texts: string[]): Promise<void> {
    for (const text of texts) await this.attempt(text, text.startsWith('bad')).catch(() => undefined);
  }
}

describe('a @Transactional method', () => {
  it('runs in a transaction with all that it calls, in a request or outside of one', async () => {
    const app = await start({ providers: [Rows, Orders] });
    const orders = app.get(Orders);
    expect(await orders.create('a')).toBe(1);
    await expect(orders.create('b', true)).rejects.toThrow('b');
    await orders.createAll('c', 'bad', 'd');
    expect(kept).toEqual(['a', 'c', 'd']);
    await expect(app.get(ResourceCoordinator).run(() => orders.rows.write('plain'))).resolves.toBe(0);
  });

  it('is itself for whoever looks at it', () => {
    const { create } = Orders.prototype;
    expect([create.name, create.length]).toEqual(['create', 1]);
  });

  it('may be a controller’s, or that of a provider that is made per request or per consumer', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest extends Orders {}
    @Injectable({ scope: Scope.TRANSIENT })
    class Transient extends Orders {}
    @Injectable()
    class Consumer {
      constructor(readonly orders: Transient) {}
    }
    @Controller()
    class Perhaps {
      constructor(
        readonly perRequest: PerRequest,
        readonly consumer: Consumer,
        readonly rows: Rows,
      ) {}

      @Get(':text')
      @Transactional()
      async get(@Param('text') text: string): Promise<string> {
        await this.perRequest.create(`${text} per request`);
        await this.consumer.orders.create(`${text} transient`);
        const depth = await this.rows.write(text);
        if (text === 'bad') throw new Error(text);
        return `at ${depth}`;
      }
    }
    const app = await start({ providers: [Rows, PerRequest, Transient, Consumer], controllers: [Perhaps] });
    const get = async (text: string): Promise<unknown> => {
      const answer = await fetch(`${await app.getUrl()}/${text}`);
      return [answer.status, answer.status === 200 && (await answer.text())];
    };
    expect([await get('good'), await get('bad')]).toEqual([
      [200, 'at 1'],
      [500, false],
    ]);
    await app.get(Consumer).orders.create('outside');
    expect(kept).toEqual(['good per request', 'good transient', 'good', 'outside']);
  });

  it('belongs to the application of its instance, where there are several', async () => {
    const other: string[] = [];
    const one = await start({ providers: [Rows, Orders] });
    const two = await start({ providers: [Rows, Orders] }, { resources: { db: ledger(other) } });
    await one.get(Orders).create('one');
    await two.get(Orders).create('two');
    await two.get(ResourceCoordinator).run(() => one.get(Orders).create('one again'));
    expect([kept, other]).toEqual([['one', 'one again'], ['two']]);
    const loose = Object.create(two.get(Orders)) as Orders;
    await expect(loose.create('three')).rejects.toThrow('was called outside of any unit of work');
    await two.get(ResourceCoordinator).run(() => loose.create('four'));
    expect(other).toEqual(['two', 'four']);
  });

  it('is tried again when that is asked for', async () => {
    @Injectable()
    class Retried extends Rows {
      tries = 0;

      @Transactional({ retry: { attempts: 3, delay: 1 } })
      async create(): Promise<void> {
        await this.write(`try ${++this.tries}`);
        if (this.tries < 3) throw 'again';
      }
    }
    const app = await start({ providers: [Retried] });
    await app.get(Retried).create();
    expect(kept).toEqual(['try 3']);
  });

  it('finds its key in the request', async () => {
    const tenants: string[] = [];
    const tenantOf = ({ request }: { request: unknown }): string => (request as { url: string }).url.slice(1);
    const db = ledger(kept);
    const keyed = {
      ...db,
      create: ({ key }: { key: string }) => {
        tenants.push(key);
        return ledger(kept).create({ key } as never);
      },
      pool: { keyed: {} },
    };
    @Controller()
    class Tenants {
      constructor(@PooledResource('db', { key: tenantOf }) readonly db: ScopedLease<LedgerSession>) {}

      @Get(':tenant')
      @Transactional({ key: tenantOf })
      async get(): Promise<number> {
        return (await this.db.acquire()).depth;
      }
    }
    const app = await start({ controllers: [Tenants] }, { resources: { db: keyed } });
    for (const tenant of ['acme', 'umbrella'])
      expect(await (await fetch(`${await app.getUrl()}/${tenant}`)).text()).toBe('1');
    expect(tenants).toEqual(['acme', 'umbrella']);
  });

  it.each<[string, (write: () => Promise<unknown>) => unknown, string]>([
    ['an Observable', () => of(1), 'returned an Observable'],
    [
      'an Observable later',
      async (write) => {
        await write();
        return of(1);
      },
      'returned an Observable',
    ],
    [
      'a generator',
      async function* (write) {
        yield await write();
      },
      'returned a generator',
    ],
  ])('is refused when it returns %s, whose work would come after the commit', async (_, work, problem) => {
    @Injectable()
    class Streams {
      constructor(readonly rows: Rows) {}

      @Transactional({ propagation: 'SUPPORTS' })
      stream(): Promise<unknown> {
        return work(() => this.rows.write('a')) as Promise<unknown>; // as untyped code may do
      }
    }
    const app = await start({ providers: [Rows, Streams] });
    const streams = app.get(Streams);
    const coordinator = app.get(ResourceCoordinator);
    const place = { option: '@Transactional() of Streams.stream' };
    await expect(streams.stream()).rejects.toMatchObject(place);
    kept.length = 0; // it was not in a transaction
    await expect(coordinator.transaction('db', () => streams.stream())).rejects.toMatchObject(place);
    const untyped = coordinator.transaction('db', () => work(() => streams.rows.write('b')));
    await expect(untyped).rejects.toThrow(problem);
    expect(kept).toEqual([]);
  });
});

describe('@Transactional', () => {
  const decorate = (options: unknown): (() => unknown) => {
    return () => {
      class Decorated {
        @Transactional(options as TransactionalOptions)
        async work(): Promise<void> {}
      }
      return Decorated;
    };
  };

  it.each<[unknown, string]>([
    [{ propagation: 'ALWAYS' }, '@Transactional().propagation'],
    [{ isolation: 'serializable' }, '@Transactional().isolation'],
    [{ type: '' }, '@Transactional().type'],
    [{ key: 'acme' }, '@Transactional().key'],
    [{ signal: 1 }, '@Transactional().signal'],
    [{ retry: { times: 1 } }, '@Transactional().retry.times'],
    ['db', '@Transactional()'],
    [Orders, '@Transactional'],
  ])('refuses %j by name', (options, option) => {
    expect(decorate(options)).toThrow(expect.objectContaining({ name: 'InvalidOptionsError', option }));
  });

  it.each<[string, ResourcesOptions, string]>([
    ['there is none', { resources: { redis: { create: () => ({}) } } }, 'there is none'],
    [
      'there are several',
      { resources: { db: ledger([]), archive: ledger([]) } },
      'several have transactions: "db", "archive"',
    ],
  ])('without a type fails the start where %s', async (_, options, problem) => {
    @Injectable()
    class Service {
      @Transactional()
      async work(): Promise<void> {}
    }
    await expect(start({ providers: [Service] }, options)).rejects.toThrow(
      new RegExp(`@Transactional\\(\\) of Service.work.*${problem}`),
    );
  });

  it.each(['redis', 'mysql'])('on a type without transactions fails the start: %s', async (type) => {
    @Injectable()
    class Service {
      @Transactional({ type })
      async work(): Promise<void> {}
    }
    const resources = { redis: { create: () => ({}) } };
    await expect(start({ providers: [Service] }, { resources })).rejects.toThrow(`is on "${type}", which`);
  });
});

describe('@Evicts', () => {
  @Injectable()
  class Prices {
    loads = 0;
    fails = false;

    @Cached({ tags: ['prices'] })
    async list(): Promise<number> {
      return ++this.loads;
    }

    @Evicts({ tags: ['prices'] })
    async change(): Promise<void> {}

    @Evicts({ tags: ['prices'] })
    @Transactional()
    async changeAbove(): Promise<void> {}

    @Transactional()
    @Evicts({ tags: ['prices'] })
    async changeBelow(): Promise<void> {}

    @Transactional()
    async changeAndLook(fails: boolean): Promise<number> {
      await this.change();
      const before = await this.list();
      if (fails) throw new Error('no');
      return before;
    }
  }

  it('in a transaction evicts when that is committed, and not before', async () => {
    const prices = (await start({ providers: [Prices] })).get(Prices);
    expect(await prices.list()).toBe(1);
    expect(await prices.changeAndLook(false)).toBe(1);
    expect(await prices.list()).toBe(2);
    await expect(prices.changeAndLook(true)).rejects.toThrow('no');
    expect(await prices.list()).toBe(2);
  });

  it('may stand above @Transactional or below it', async () => {
    const prices = (await start({ providers: [Prices] })).get(Prices);
    await prices.list();
    await prices.changeAbove();
    expect(await prices.list()).toBe(2);
    await prices.changeBelow();
    expect(await prices.list()).toBe(3);
    await prices.change();
    expect(await prices.list()).toBe(4);
  });
});
