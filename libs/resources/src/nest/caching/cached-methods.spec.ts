import { afterEach, describe, expect, it, jest } from '@jest/globals';
import {
  Controller,
  Get,
  type INestApplication,
  Injectable,
  type ModuleMetadata,
  Scope,
  SetMetadata,
} from '@nestjs/common';
import { defer, firstValueFrom, from, type Observable } from 'rxjs';
import { Test } from '@nestjs/testing';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import type { ScopedLease } from '../../scopes/scoped-lease.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { Deferred } from '../../pool/deferred.fixture.js';
import { settle, VirtualClock } from '../../time/virtual-clock.fixture.js';
import { PooledResource } from '../decorators/pooled-resource.decorator.js';
import { ResourcesModule } from '../resources.module.js';
import type { ResourcesOptions } from '../resources.options.js';
import { Cached, Evicts } from '../decorators/cached-method.js';

const running: INestApplication[] = [];

afterEach(async () => {
  for (const app of running.splice(0)) await app.close();
});

async function start(metadata: ModuleMetadata, options: ResourcesOptions = {}) {
  const module = await Test.createTestingModule({
    ...metadata,
    imports: [ResourcesModule.forRoot(options)],
  }).compile();
  const app = module.createNestApplication({ logger: false });
  running.push(app);
  await app.init();
  return { app, coordinator: app.get(ResourceCoordinator) };
}

class User {
  constructor(readonly name: string) {}
}

@Injectable()
class Prices {
  loads = 0;
  ready: Promise<void> | undefined;

  @Cached({ ttl: '1m', tags: (item: string) => ['prices', `item:${item}`] })
  async price(item: string, currency?: string): Promise<string> {
    await this.ready;
    return `${item} ${currency ?? 'EUR'} ${++this.loads}`;
  }

  @Cached({ key: (user: User) => user.name })
  async discount(user: User): Promise<string> {
    return `${user.name} ${++this.loads}`;
  }

  @Evicts({ tags: (item: string) => [`item:${item}`] })
  async change(item: string, works = true): Promise<string> {
    if (!works) throw new Error(`${item} can't be changed`);
    return 'changed';
  }

  @Evicts({ tags: ['prices'] })
  changeAll(): string {
    return 'all changed';
  }

  @Cached({ tags: ['twice'] })
  @Evicts({ tags: ['prices'] })
  async both(): Promise<number> {
    return ++this.loads;
  }
}

/** Changes that are no promises: they begin when somebody waits for them. */
@Injectable()
class Changes {
  begun = 0;
  work = new Deferred<string>();

  @Evicts({ tags: ['prices'] })
  thenable(): PromiseLike<string> {
    // oxlint-disable-next-line unicorn/no-thenable -- as query builders are
    return { then: (done, failed) => this.begin().then(done, failed) };
  }

  @Evicts({ tags: ['prices'] })
  observable(): Observable<string> {
    return defer(() => this.begin());
  }

  private begin(): Promise<string> {
    this.begun++;
    return this.work.promise;
  }
}

describe('@Cached', () => {
  it('loads once for the same plain arguments', async () => {
    const { app, coordinator } = await start({ providers: [Prices] });
    const prices = app.get(Prices);
    expect(await Promise.all([prices.price('tea'), prices.price('tea')])).toEqual(['tea EUR 1', 'tea EUR 1']);
    expect(await prices.price('tea', 'USD')).toBe('tea USD 2');
    expect(await prices.price('tea')).toBe('tea EUR 1');
    expect(coordinator.cache.stats).toMatchObject({ hits: 2, misses: 2 });
  });

  it('keeps for its time', async () => {
    const clock = new VirtualClock();
    const { app } = await start({ providers: [Prices] }, { clock });
    const prices = app.get(Prices);
    await prices.price('tea');
    clock.stall(60_000);
    expect(await prices.price('tea')).toBe('tea EUR 2');
  });

  it('tells different arguments apart', async () => {
    @Injectable()
    class Echo {
      @Cached()
      async echo(...args: unknown[]): Promise<unknown[]> {
        return args;
      }
    }
    const { app } = await start({ providers: [Echo] });
    const echo = app.get(Echo);
    const calls = [
      [],
      ['1'],
      [1],
      [1n],
      [true],
      ['true'],
      [null],
      [undefined],
      ['a', 'b'],
      ['a","b'],
      ['a,b'],
      [NaN],
    ];
    for (const call of calls) expect(await echo.echo(...call)).toEqual(call);
    for (const call of calls) expect(await echo.echo(...call)).toEqual(call);
  });

  it('takes a key for arguments that are not plain', async () => {
    const { app } = await start({ providers: [Prices] });
    const prices = app.get(Prices);
    expect(await prices.discount(new User('Ada'))).toBe('Ada 1');
    expect(await prices.discount(new User('Bob'))).toBe('Bob 2');
    expect(await prices.discount(new User('Ada'))).toBe('Ada 1');
  });

  it('refuses an argument that is not plain, when the compiler could not tell', async () => {
    interface Filter {
      user: string;
    }
    @Injectable()
    class Reports {
      @Cached()
      async find(filter: Filter): Promise<string> {
        return filter.user;
      }
    }
    const { app } = await start({ providers: [Reports] });
    const asked = app.get(Reports).find({ user: 'Ada' });
    await expect(asked).rejects.toThrow(InvalidOptionsError);
    await expect(asked).rejects.toThrow(`can't make a key of argument 0, which is an object`);
  });

  it('refuses a key that is no string', async () => {
    @Injectable()
    class Reports {
      @Cached({ key: () => undefined as never })
      async find(): Promise<number> {
        return 1;
      }
    }
    const { app } = await start({ providers: [Reports] });
    await expect(app.get(Reports).find()).rejects.toThrow('must return a string; it returned undefined');
  });

  it('fails as the method does, and keeps nothing then', async () => {
    @Injectable()
    class Reports {
      calls = 0;

      @Cached()
      async find(): Promise<number> {
        if (this.calls++ === 0) throw new Error('no answer');
        return this.calls;
      }
    }
    const { app } = await start({ providers: [Reports] });
    await expect(app.get(Reports).find()).rejects.toThrow('no answer');
    expect(await app.get(Reports).find()).toBe(2);
  });

  it('keeps the applications of one process apart', async () => {
    const [one, two] = [await start({ providers: [Prices] }), await start({ providers: [Prices] })];
    await one.app.get(Prices).price('tea');
    await one.app.get(Prices).price('tea');
    expect(await two.app.get(Prices).price('tea')).toBe('tea EUR 1');
    expect(Prices.prototype.price).toBe(Object.getPrototypeOf(one.app.get(Prices)).price);
  });

  it('keeps classes of one name apart', async () => {
    const classOf = (text: string): new () => { tell(): Promise<string> } => {
      @Injectable()
      class Teller {
        @Cached()
        async tell(): Promise<string> {
          return text;
        }
      }
      return Teller;
    };
    const [One, Two] = [classOf('one'), classOf('two')];
    const { app } = await start({ providers: [One, Two] });
    expect([await app.get(One).tell(), await app.get(Two).tell()]).toEqual(['one', 'two']);
  });

  it('leaves alone what a subclass has overridden, and is inherited otherwise', async () => {
    @Injectable()
    class Special extends Prices {
      override async price(item: string): Promise<string> {
        return `${item} ${++this.loads}`;
      }
    }
    const { app } = await start({ providers: [Special] });
    const special = app.get(Special);
    expect([await special.price('tea'), await special.price('tea')]).toEqual(['tea 1', 'tea 2']);
    expect([await special.discount(new User('A')), await special.discount(new User('A'))]).toEqual([
      'A 3',
      'A 3',
    ]);
  });

  it('keeps what other decorators have left at the method', async () => {
    @Injectable()
    class Jobs {
      @SetMetadata('job', 'nightly')
      @Cached()
      async run(): Promise<number> {
        return 1;
      }
    }
    const { app } = await start({ providers: [Jobs] });
    expect(Reflect.getMetadata('job', app.get(Jobs).run)).toBe('nightly');
    expect(app.get(Jobs).run.name).toBe('run');
  });

  it('works in a scope of its own, which stays open until it is done', async () => {
    const ready = new Deferred();
    @Injectable()
    class Reports {
      @PooledResource('session') private readonly session!: ScopedLease<{ id: number }>;

      @Cached()
      async find(): Promise<number> {
        const { id } = await this.session.acquire();
        await ready.promise;
        return this.session.resource.id + id;
      }
    }
    const resources = { session: { create: () => ({ id: 1 }) } };
    const { app, coordinator } = await start({ providers: [Reports] }, { resources });
    const reports = app.get(Reports);
    let asked: Promise<number> | undefined;
    await coordinator.run(
      () => {
        asked = reports.find();
      },
      { owner: 'first' },
    );
    await settle();
    expect(coordinator.leases()).toMatchObject([{ owner: 'Reports.find (load)' }]);
    const joined = reports.find();
    ready.resolve();
    expect([await asked, await joined]).toEqual([2, 2]);
    expect(coordinator.leases()).toEqual([]);
    await coordinator.cache.clear();
    expect(await reports.find()).toBe(2); // asked for outside of any scope
    expect(coordinator.leases()).toEqual([]);
  });

  it.each([
    [{ kye: 1 }, '"@Cached().kye" is not an option. Known options: key,'],
    [null, '"@Cached()" must be an object; got null'],
    [{ key: 'all' }, '"@Cached().key" must be a function of the arguments'],
    [{ ttl: 0 }, '"@Cached().ttl" must be more than 0'],
    [{ staleIfError: 'x' }, '"@Cached().staleIfError" must be'],
    [{ tags: 'all' }, '"@Cached().tags" must be an array of strings or a function'],
    [{ by: 'tenant' }, '"@Cached().by" must be a key function, or an array of key functions'],
    [{ by: [() => 'a', undefined] }, '"@Cached().by" must be a key function, or an array of key functions'],
    [{ by: null }, '"@Cached().by" must be a key function, or an array of key functions'],
    [{ name: '' }, '"@Cached().name" must be a non-empty string'],
    [{ name: 5 }, '"@Cached().name" must be a non-empty string'],
  ])('refuses the options %j', (options, problem) => {
    expect(() => Cached(options as never)).toThrow(problem);
  });

  it('fails the start for a parameter of a class, without a key', async () => {
    @Injectable()
    class Reports {
      @Cached()
      async find(_id: string, user: User): Promise<string> {
        return user.name;
      }
    }
    await expect(start({ providers: [Reports] })).rejects.toThrow(
      `"@Cached() of Reports.find" can't make a key of parameter 1, which is a User, not a plain value`,
    );
  });

  it('fails the start on a controller, and on what is made per request', async () => {
    @Controller()
    class Handlers {
      @Get()
      @Cached()
      async find(): Promise<number> {
        return 1;
      }
    }
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest {
      @Cached()
      async find(): Promise<number> {
        return 1;
      }
    }
    await expect(start({ controllers: [Handlers] })).rejects.toThrow('Handlers is a controller');
    await expect(start({ providers: [PerRequest] })).rejects.toThrow('PerRequest is made per request');
  });
});

describe('an instance that two applications have', () => {
  const shared = (): ModuleMetadata => ({ providers: [{ provide: Prices, useValue: new Prices() }] });

  it('is refused by the second, whose values the first would keep', async () => {
    const metadata = shared();
    await start(metadata);
    await expect(start(metadata)).rejects.toThrow(
      '"Prices.price" stands behind the cache of another application already',
    );
  });

  it('is cached by the second when the first has ended', async () => {
    const metadata = shared();
    const { app } = await start(metadata);
    await app.close();
    const { app: next } = await start(metadata);
    const prices = next.get(Prices);
    expect([await prices.price('tea'), await prices.price('tea')]).toEqual(['tea EUR 1', 'tea EUR 1']);
  });
});

describe('@Evicts', () => {
  it('forgets by tags when the method has succeeded', async () => {
    const { app } = await start({ providers: [Prices] });
    const prices = app.get(Prices);
    const both = async (): Promise<string[]> => [await prices.price('tea'), await prices.price('juice')];
    expect(await both()).toEqual(['tea EUR 1', 'juice EUR 2']);
    expect(await prices.change('tea')).toBe('changed');
    expect(await both()).toEqual(['tea EUR 3', 'juice EUR 2']);
    await expect(prices.change('tea', false)).rejects.toThrow(`tea can't be changed`);
    expect(await both()).toEqual(['tea EUR 3', 'juice EUR 2']);
    expect(prices.changeAll()).toBe('all changed');
    expect(await both()).toEqual(['tea EUR 4', 'juice EUR 5']);
  });

  it.each(['thenable', 'observable'] as const)(
    'forgets when what the method returns has succeeded, and only then: %s',
    async (form) => {
      const { app } = await start({ providers: [Prices, Changes] });
      const [prices, changes] = [app.get(Prices), app.get(Changes)];
      expect(await prices.price('tea')).toBe('tea EUR 1');
      const change = changes[form]();
      const changed = firstValueFrom(from(change as Promise<string>));
      await settle();
      expect([changes.begun, await prices.price('tea')]).toEqual([1, 'tea EUR 1']);
      changes.work.resolve('changed');
      expect(await changed).toBe('changed');
      expect(await prices.price('tea')).toBe('tea EUR 2');
      changes.work = new Deferred<string>();
      const failed = firstValueFrom(from(changes[form]() as Promise<string>));
      changes.work.reject(new Error('not changed'));
      await expect(failed).rejects.toThrow('not changed');
      expect(await prices.price('tea')).toBe('tea EUR 2');
    },
  );

  it('wins over a load in flight', async () => {
    const { app } = await start({ providers: [Prices] });
    const prices = app.get(Prices);
    const ready = new Deferred();
    prices.ready = ready.promise;
    const stale = prices.price('tea');
    await settle();
    await prices.change('tea');
    ready.resolve();
    expect(await stale).toBe('tea EUR 1');
    expect(await prices.price('tea')).toBe('tea EUR 2');
  });

  it('may stand beside @Cached', async () => {
    const { app } = await start({ providers: [Prices] });
    const prices = app.get(Prices);
    await prices.price('tea');
    expect([await prices.both(), await prices.both()]).toEqual([2, 2]);
    expect(await prices.price('tea')).toBe('tea EUR 3');
  });

  it.each([
    [{}, '"@Evicts().tags" is required'],
    [{ tags: 5 }, '"@Evicts().tags" must be'],
    [{ tags: [5] }, '"@Evicts().tags" must be'],
    [{ key: 5 }, '"@Evicts().key" is not an option. Known options: tags.'],
  ])('refuses the options %j', (options, problem) => {
    expect(() => Evicts(options as never)).toThrow(problem);
  });

  it('does nothing when its tags cannot be told', async () => {
    const work = jest.fn();
    @Injectable()
    class Orders {
      @Evicts({ tags: (order: { id: string }) => [order.id] })
      async change(_order: { id: string }): Promise<void> {
        work();
      }
    }
    const { app } = await start({ providers: [Orders] });
    expect(() => app.get(Orders).change(undefined as never)).toThrow(TypeError);
    expect(work).not.toHaveBeenCalled();
  });
});
