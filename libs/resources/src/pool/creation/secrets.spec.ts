import { describe, expect, it, jest } from '@jest/globals';
import { settle, VirtualClock } from '../../time/virtual-clock.fixture.js';
import { Deferred, never, Outcome } from '../deferred.fixture.js';
import { type CreateContext, KeyedResourcePool, type PoolOptions, ResourcePool } from '../index.js';
import { ONE_TRY } from '../pool-bench.fixture.js';

interface Login {
  user: string;
  password: string;
}

const REFUSED = Object.assign(new Error('password authentication failed'), { code: '28P01' });

/** A server with one login, and a pool that knows it only from its provider. */
function bench(options: PoolOptions = {}) {
  const server: Login = { user: 'app', password: 'hunter1' };
  const store: Login = { ...server };
  const clock = new VirtualClock();
  const secret = jest.fn<() => unknown>(() => Promise.resolve({ ...store }));
  const seen: unknown[] = [];
  const { credentials, ...others } = options;
  const pool = new ResourcePool(
    {
      create({ secret: login }: CreateContext<Login>): object {
        seen.push(login);
        if (login.password !== server.password || login.user !== server.user) throw REFUSED;
        return {};
      },
    },
    {
      clock,
      creation: ONE_TRY,
      ...others,
      credentials: {
        secret,
        isAuthenticationError: (error) => (error as typeof REFUSED).code === '28P01',
        ...credentials,
      },
    },
  );
  return { server, store, clock, secret, seen, pool };
}

describe('credentials', () => {
  it('are read for each creation, and given to it as one value', async () => {
    const { pool, secret, seen, server, store } = bench();
    await pool.acquire();
    for (const login of [server, store]) Object.assign(login, { user: 'app2', password: 'two' });
    await pool.acquire();
    expect(secret).toHaveBeenCalledTimes(2);
    expect(seen).toEqual([
      { user: 'app', password: 'hunter1' },
      { user: 'app2', password: 'two' },
    ]);
  });

  it('are read once for all creations that begin meanwhile', async () => {
    const { pool, secret } = bench({ max: 5 });
    await Promise.all(Array.from({ length: 5 }, () => pool.acquire()));
    expect(secret).toHaveBeenCalledTimes(1);
  });

  it('are read again, once, when they are refused', async () => {
    const { pool, secret, server, store, seen } = bench();
    server.password = 'two';
    const stale = { ...store };
    secret.mockImplementationOnce(() => stale);
    store.password = 'two';
    await pool.acquire();
    expect(secret).toHaveBeenCalledTimes(2);
    expect(seen.map((login) => (login as Login).password)).toEqual(['hunter1', 'two']);
    expect(pool.lastCreationError).toBeUndefined();
  });

  it('that are refused twice fail the creation with the refusal', async () => {
    const { pool, secret, server } = bench();
    server.password = 'two';
    await expect(pool.acquire()).rejects.toMatchObject({ cause: REFUSED });
    expect(secret).toHaveBeenCalledTimes(2);
  });

  it('that are refused to many at once are read again for all of them together', async () => {
    const { pool, secret, server, store } = bench({ max: 5 });
    server.password = 'two';
    const stale = { ...store };
    secret.mockImplementationOnce(() => stale);
    store.password = 'two';
    await Promise.all(Array.from({ length: 5 }, () => pool.acquire()));
    expect(secret).toHaveBeenCalledTimes(2);
  });

  it('are not read again for any other failure', async () => {
    const secret = jest.fn(() => 'x');
    const down = new Error('down');
    const refusing = { create: () => Promise.reject(down) };
    for (const isAuthenticationError of [undefined, () => false]) {
      const pool = new ResourcePool(refusing, {
        credentials: { secret, isAuthenticationError },
        creation: ONE_TRY,
      });
      await expect(pool.acquire()).rejects.toMatchObject({ cause: down });
    }
    expect(secret).toHaveBeenCalledTimes(2);
  });

  const hostile = new Proxy(new Error('hostile'), {
    get() {
      throw new Error('get');
    },
  });
  const circular: { cause?: unknown } = {};
  circular.cause = circular;

  it.each<[unknown, number]>([
    [REFUSED, 2],
    [Object.assign(new Error('no pg_hba.conf entry'), { code: '28000' }), 2],
    [new Error('connect', { cause: REFUSED }), 2],
    [Object.assign(new Error('denied'), { code: 'ER_ACCESS_DENIED_ERROR', errno: 1045 }), 2],
    [new Error('WRONGPASS invalid username-password pair or user is disabled.'), 2],
    [
      Object.assign(new Error('All configured authentication methods failed'), {
        level: 'client-authentication',
      }),
      2,
    ],
    [Object.freeze({ status: 401 }), 2],
    [Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), 1],
    [Object.assign(new Error('forbidden'), { status: 403 }), 1],
    [undefined, 1],
    ['28P01', 1],
    [hostile, 1],
    [circular, 1],
  ])(
    '%# of well-known servers are read again when these refuse them, without being told how',
    async (thrown, readings) => {
      const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
      const secret = jest.fn(() => 'x');
      const refusing = { create: () => Promise.reject(thrown) };
      const pool = new ResourcePool(refusing, { credentials: { secret }, creation: ONE_TRY });
      await expect(pool.acquire()).rejects.toMatchObject({ name: 'ResourceCreationError' });
      expect(secret).toHaveBeenCalledTimes(readings);
      warned.mockRestore();
    },
  );

  it.each([
    ['throws', () => Promise.reject(new Error('vault sealed')), /vault sealed/],
    [
      'throws no error',
      () => {
        // oxlint-disable-next-line no-throw-literal
        throw 'sealed';
      },
      /sealed/,
    ],
    ['is a thenable without end', () => endless, /without end/],
  ])('of a provider that %s fail the creation, and the next one asks again', async (_, hostile, message) => {
    const { pool, secret } = bench();
    secret.mockImplementationOnce(hostile);
    await expect(pool.acquire()).rejects.toThrow(message);
    await pool.acquire();
    expect(secret).toHaveBeenCalledTimes(2);
  });

  it('that never come cost one creation its time, and not the next one', async () => {
    const { pool, secret, clock } = bench({ max: 1, creation: { ...ONE_TRY, timeout: '1s' } });
    secret.mockImplementationOnce(never);
    const first = new Outcome(pool.acquire({ timeout: '1m' }));
    await clock.advance(1_100);
    expect(first.error).toMatchObject({ message: expect.stringContaining('did not settle within 1000 ms') });
    const second = new Outcome(pool.acquire());
    await clock.advance(10);
    expect(second.state).toBe('fulfilled');
  });

  it('that come after the pool has closed create nothing', async () => {
    const { pool, secret, seen, clock } = bench();
    const late = new Deferred<Login>();
    secret.mockImplementationOnce(() => late.promise);
    const asked = new Outcome(pool.acquire());
    await settle();
    const closed = new Outcome(pool.close({ deadline: 0 }));
    await clock.advance(10);
    late.resolve({ user: 'app', password: 'hunter1' });
    await clock.advance(6_000);
    expect([asked.state, closed.state, seen]).toEqual(['rejected', 'fulfilled', []]);
  });

  it('refused by a factory whose isAuthenticationError throws, or returns a promise, are not read again', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const hostile: (() => never)[] = [
      () => {
        throw new Error('classifier');
      },
      () => Promise.reject(new Error('classifier')) as never,
      () => Promise.resolve(true) as never,
    ];
    for (const isAuthenticationError of hostile) {
      const { pool, server, secret } = bench({ credentials: { isAuthenticationError } });
      server.password = 'two';
      await expect(pool.acquire()).rejects.toMatchObject({ cause: REFUSED });
      expect(secret).toHaveBeenCalledTimes(1);
    }
    expect(warned).toHaveBeenCalled();
    warned.mockRestore();
  });

  it('of a keyed pool are read for each key', async () => {
    const keys: string[] = [];
    const secret = ({ key }: { key: string }): string => {
      keys.push(key);
      return `of ${key}`;
    };
    const pool = new KeyedResourcePool(
      { create: ({ secret: login, key }: CreateContext) => ({ login, key }) },
      { credentials: { secret } },
    );
    const leases = await Promise.all(['acme', 'globex'].map((key) => pool.acquire({ key })));
    expect(leases.map(({ resource }) => resource)).toEqual([
      { login: 'of acme', key: 'acme' },
      { login: 'of globex', key: 'globex' },
    ]);
    expect(keys).toEqual(['acme', 'globex']);
  });

  it('are in no event, stats or error', async () => {
    const { pool, server, clock } = bench();
    const told: unknown[] = [];
    pool.observe((event) => told.push(event));
    await pool.acquire();
    server.password = 'two';
    const failed = new Outcome(pool.acquire());
    await clock.advance(10);
    const all = [told, pool.stats, pool.leases(), failed.error, pool.lastCreationError];
    expect(JSON.stringify(all)).not.toContain('hunter1');
  });

  it('that come from elsewhere start the next generation', async () => {
    const { pool, server } = bench();
    const before = await pool.acquire();
    await before.release();
    server.password = 'two';
    pool.reconfigure({ credentials: { secret: () => ({ user: 'app', password: 'two' }) } });
    expect(pool.stats.retired.flushed).toBe(1);
    await pool.acquire();
    pool.reconfigure({ max: 7 });
    expect(pool.stats).toMatchObject({ leased: 1, retired: { flushed: 1 } });
  });

  it.each([
    [{ secret: 'hunter2' as never }, 'credentials.secret'],
    [(() => 'hunter2') as never, 'credentials'],
    [{ isAuthenticationError: () => true }, 'credentials.isAuthenticationError'],
    [{ secret: () => 1, isAuthenticationError: true as never }, 'credentials.isAuthenticationError'],
    [{ password: 1 } as never, 'credentials.password'],
  ])('%# that cannot work are refused by name, without their value', (credentials, option) => {
    const attempt = (): unknown => new ResourcePool({ create: () => ({}) }, { credentials });
    expect(attempt).toThrow(expect.objectContaining({ option }));
    expect(attempt).not.toThrow('hunter2');
  });
});

/** Resolves to itself. */
const endless: PromiseLike<unknown> = {
  // oxlint-disable-next-line unicorn/no-thenable
  then: (resolved) => Promise.resolve(resolved?.(endless)) as never,
};
