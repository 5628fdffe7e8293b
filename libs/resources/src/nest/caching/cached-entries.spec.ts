import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type INestApplication,
  Inject,
  Injectable,
  Module,
  type ModuleMetadata,
  Scope,
  type Type,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Keyv } from 'keyv';
import type { ResourcesOptions } from '../resources.options.js';
import { ResourcesModule } from '../resources.module.js';
import { CachedEntryNames } from './cached-entries.js';
import { Cached, Evicts } from '../decorators/cached-method.js';

const running: INestApplication[] = [];

afterEach(async () => {
  for (const app of running.splice(0)) await app.close();
});

async function start(metadata: ModuleMetadata, options: ResourcesOptions = {}): Promise<INestApplication> {
  const { imports = [], ...rest } = metadata;
  const module = await Test.createTestingModule({
    ...rest,
    imports: [ResourcesModule.forRoot(options), ...imports],
  }).compile();
  const app = module.createNestApplication({ logger: false });
  running.push(app);
  await app.init();
  return app;
}

@Injectable()
class Rates {
  region = 'none';

  @Cached()
  async rate(currency: string): Promise<string> {
    return `${currency} in ${this.region}`;
  }
}

const ratesOf = (region: string): Rates => Object.assign(new Rates(), { region });

const region = (name: string) => ({ provide: name, useFactory: () => ratesOf(name) });

describe('the entries of @Cached methods', () => {
  it('belong to the provider, not to the class', async () => {
    const app = await start({
      providers: [region('EU'), region('US'), { provide: 'X', useValue: ratesOf('x') }],
    });
    for (const name of ['EU', 'US', 'X', 'EU'])
      expect(await app.get<Rates>(name).rate('CHF')).toBe(`CHF in ${name === 'X' ? 'x' : name}`);
  });

  it('belong to the module, too', async () => {
    const moduleOf = (name: string): Type<unknown> => {
      @Module({ providers: [{ provide: Rates, useValue: ratesOf(name) }] })
      class Region {}
      return Region;
    };
    const [One, Two] = [moduleOf('one'), moduleOf('two')];
    const app = await start({ imports: [One, Two] });
    expect(await app.select(One).get(Rates, { strict: true }).rate('CHF')).toBe('CHF in one');
    expect(await app.select(Two).get(Rates, { strict: true }).rate('CHF')).toBe('CHF in two');
  });

  it('are those of one instance, under however many tokens it stands', async () => {
    const shared = ratesOf('shared');
    const app = await start({
      providers: [
        { provide: Rates, useValue: shared },
        { provide: 'ALIAS', useExisting: Rates },
        { provide: 'AGAIN', useFactory: () => shared },
      ],
    });
    const answers = await Promise.all(
      [Rates, 'ALIAS', 'AGAIN'].map((token) => app.get<Rates>(token).rate('CHF')),
    );
    expect(new Set(answers)).toEqual(new Set(['CHF in shared']));
  });

  it('are told apart by methods whose names look alike', async () => {
    const [one, two] = [Symbol('same'), Symbol('same')];
    @Injectable()
    class Odd {
      @Cached()
      async [one](): Promise<string> {
        return 'one';
      }

      @Cached()
      async [two](): Promise<string> {
        return 'two';
      }

      @Cached()
      async a(text: string): Promise<string> {
        return `a of ${text}`;
      }

      @Cached()
      async ['a("b")'](): Promise<string> {
        return 'a("b") of nothing';
      }
    }
    const odd = (await start({ providers: [Odd] })).get(Odd);
    expect([await odd[one](), await odd[two]()]).toEqual(['one', 'two']);
    expect([await odd.a('b'), await odd['a("b")']()]).toEqual(['a of b', 'a("b") of nothing']);
  });

  it('are told apart by classes without a name, and by subclasses that inherit the method', async () => {
    const classOf = (name: string): Type<Rates> =>
      class extends Rates {
        override region = name;
      };
    const [One, Two] = [classOf('one'), classOf('two')];
    const app = await start({
      providers: [
        { provide: 'ONE', useClass: One },
        { provide: 'TWO', useClass: Two },
      ],
    });
    expect(await app.get<Rates>('ONE').rate('CHF')).toBe('CHF in one');
    expect(await app.get<Rates>('TWO').rate('CHF')).toBe('CHF in two');
  });

  it('are not those of what was made of the provider', async () => {
    const app = await start({ providers: [region('EU')] });
    const rates = app.get<Rates>('EU');
    await rates.rate('CHF');
    const other = Object.create(rates, { region: { value: 'US' } }) as Rates;
    expect(await other.rate('CHF')).toBe('CHF in US');
    const proxy = new Proxy(rates, {
      get: (target, name) => (name === 'region' ? 'UK' : Reflect.get(target, name)),
    });
    expect(await proxy.rate('CHF')).toBe('CHF in UK');
    expect(await rates.rate('CHF')).toBe('CHF in EU');
  });

  it('have keys that nothing else has', () => {
    const names = new CachedEntryNames(false);
    const entries = [
      names.add('A.b', undefined, 'A'),
      names.add('A.b', undefined, 'A'),
      names.add('A.b', '1', 'A'),
      names.add('A.b', 'A.b', 'A'),
      names.add('A.b', '["A.b"]', 'A'),
    ];
    const calls: [string[], string][] = [
      [[], ''],
      [[''], ''],
      [['a'], ''],
      [['a', 'b'], ''],
      [['a,b'], ''],
      [['a","b'], ''],
      [['a'], 'b'],
      [['b'], 'a'],
      [[], 'a'],
      [[], '"],"'],
      [['\ud800'], ''],
      [['\ud801'], ''],
    ];
    const keys = entries.flatMap(({ keyOf }) => calls.map(([by, args]) => keyOf(by, args)));
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('where the cache has secondary stores', () => {
  const withStore = (map: Map<string, unknown>): ResourcesOptions => ({
    cache: { stores: [new Keyv({ store: map })] },
  });

  it('a method needs a name', async () => {
    await expect(start({ providers: [Rates] }, withStore(new Map()))).rejects.toThrow(
      '"@Cached() of Rates.rate" needs a name, because the cache has secondary stores',
    );
  });

  it('a name has the same entries after a deployment, whatever the order of the modules is', async () => {
    const classOf = (name: string): Type<{ list(): Promise<string> }> => {
      @Injectable()
      class Report {
        @Cached({ name: `${name}.list` })
        async list(): Promise<string> {
          return name;
        }
      }
      return Report;
    };
    const [Prices, Orders] = [classOf('prices'), classOf('orders')];
    const map = new Map<string, unknown>();
    for (const providers of [
      [Prices, Orders],
      [Orders, Prices],
    ]) {
      const app = await start({ providers }, withStore(map));
      expect([await app.get(Prices).list(), await app.get(Orders).list()]).toEqual(['prices', 'orders']);
      expect(map.size).toBe(2);
      await app.close();
    }
  });

  it('and elsewhere, one name for two is refused', async () => {
    @Injectable()
    class Named {
      @Cached({ name: 'prices.list' })
      async list(): Promise<number> {
        return 1;
      }
    }
    @Injectable()
    class Twice {
      @Cached({ name: 'x' })
      async one(): Promise<number> {
        return 1;
      }

      @Cached({ name: 'x' })
      async two(): Promise<number> {
        return 2;
      }
    }
    const twice = [Named, { provide: 'OTHER', useClass: Named }];
    for (const options of [withStore(new Map()), {}]) {
      await expect(start({ providers: twice }, options)).rejects.toThrow(
        `"@Cached().name of Named.list" is "prices.list" in OTHER in RootTestModule, and of Named.list of Named in RootTestModule`,
      );
      await expect(start({ providers: [Twice] }, options)).rejects.toThrow(
        '"@Cached().name of Twice.two" is "x"',
      );
    }
    const aliased = [Named, { provide: 'ALIAS', useExisting: Named }];
    expect(await (await start({ providers: aliased }, withStore(new Map()))).get(Named).list()).toBe(1);
  });
});

describe('a provider with a @Cached method', () => {
  it('stays what it is, but for the method itself', async () => {
    const rates = ratesOf('EU');
    const before = Object.getOwnPropertyDescriptors(Rates.prototype);
    const app = await start({ providers: [{ provide: Rates, useValue: rates }] });
    expect(Object.keys(rates)).toEqual(['region']);
    expect(JSON.stringify(rates)).toBe('{"region":"EU"}');
    expect([rates.rate.name, rates.rate.length]).toEqual(['rate', 1]);
    expect(Object.getOwnPropertyDescriptors(Rates.prototype)).toEqual(before);
    await app.close();
    expect(Object.hasOwn(rates, 'rate')).toBe(false);
  });

  it('may be provided to a next application', async () => {
    const rates = ratesOf('EU');
    for (let turn = 0; turn < 2; turn++) {
      const app = await start({ providers: [{ provide: Rates, useValue: rates }] });
      expect(await rates.rate('CHF')).toBe('CHF in EU');
      await app.close();
    }
  });

  it('is refused when it is frozen', async () => {
    const useValue = Object.freeze(ratesOf('EU'));
    await expect(start({ providers: [{ provide: Rates, useValue }] })).rejects.toThrow('frozen');
  });

  it('is refused when it is made per request or per consumer, however it is provided', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest {}
    @Injectable()
    class Dependent extends Rates {
      @Inject() readonly other!: PerRequest;
    }
    @Injectable({ scope: Scope.TRANSIENT })
    class Transient extends Rates {}
    @Injectable()
    class Evicting {
      @Evicts({ tags: ['x'] })
      change(): void {}
    }
    const REFUSED: ModuleMetadata['providers'][] = [
      [PerRequest, Dependent],
      [Transient],
      [{ provide: Rates, scope: Scope.REQUEST, useFactory: () => new Rates() }],
      [{ provide: 'RATES', scope: Scope.REQUEST, useClass: Rates }],
      [{ provide: Evicting, scope: Scope.TRANSIENT, useFactory: () => new Evicting() }],
      [PerRequest, { provide: Rates, inject: [PerRequest], useFactory: () => new Rates() }],
    ];
    for (const providers of REFUSED)
      await expect(start({ providers })).rejects.toThrow('is made per request or per consumer');
  });

  it('may stand beside values that have no class', async () => {
    const bare = Object.assign(Object.create(null) as object, { a: 1 });
    const odd = { constructor: 'none' };
    const app = await start({
      providers: [Rates, { provide: 'BARE', useValue: bare }, { provide: 'ODD', useValue: odd }],
    });
    expect(app.get('BARE')).toBe(bare);
  });
});
