import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Propagation, ResourceCoordinator } from 'nestjs-resources';
import { Accounts, add, type Client, outcome, pidOf } from './accounts.fixture.js';

let accounts: Accounts;

beforeAll(async () => {
  accounts = await Accounts.open();
});

afterEach(() => accounts.clear());

afterAll(() => accounts.stop());

/** As a repository does it: by what its scope shares. */
async function addShared(coordinator: ResourceCoordinator, name: string): Promise<void> {
  await coordinator.use<Client>('pg', (client) => add(client, name));
}

describe('work in a transaction', () => {
  it('is kept when it returns, and gives its result', async () => {
    const coordinator = accounts.coordinator();
    const result = await coordinator.transaction<Client, string>('pg', async (client, { depth }) => {
      await add(client, 'a');
      expect(await accounts.names()).toEqual([]);
      return `at depth ${depth}`;
    });
    expect([result, await accounts.names()]).toEqual(['at depth 1', ['a']]);
  });

  it.each<[string, unknown]>([
    ['an error', new Error('no')],
    ['undefined', undefined],
    ['a text', 'no'],
  ])('is undone when it throws %s, which its caller gets', async (_, thrown) => {
    const coordinator = accounts.coordinator();
    let rejected: unknown[] = [];
    await coordinator
      .transaction<Client>('pg', async (client) => {
        await add(client, 'a');
        throw thrown;
      })
      .catch((error: unknown) => (rejected = [error]));
    expect([rejected, await accounts.names()]).toEqual([[thrown], []]);
  });

  it('has in it all that its scope shares, in whatever it calls', async () => {
    const coordinator = accounts.coordinator();
    await coordinator.run(async () => {
      await coordinator.use('pg', () =>
        outcome(
          coordinator.transaction<Client>('pg', async (client) => {
            const lease = await coordinator.acquire<Client>('pg');
            expect(lease.resource).toBe(client);
            await addShared(coordinator, 'a');
            await lease.release();
            throw new Error('no');
          }),
        ),
      );
      await addShared(coordinator, 'b');
    });
    expect(await accounts.names()).toEqual(['b']);
  });

  it('may return a thenable that begins only when it is awaited', async () => {
    const coordinator = accounts.coordinator();
    const result = await coordinator.transaction<Client, string>('pg', (client) => ({
      // oxlint-disable-next-line unicorn/no-thenable -- as an ORM's query is
      then: (done, failed) =>
        add(client, 'a')
          .then(() => 'lazily')
          .then(done, failed),
    }));
    expect([result, await accounts.names()]).toEqual(['lazily', ['a']]);
  });

  it('is undone when an error of a statement was swallowed, and says so', async () => {
    const coordinator = accounts.coordinator();
    const error = await outcome(
      coordinator.transaction<Client>('pg', async (client) => {
        await add(client, 'a');
        await outcome(client.query('SELECT 1 / 0'));
      }),
    );
    expect(error).toMatchObject({ name: 'TransactionRolledBackError', reason: 'failed' });
    expect(await accounts.names()).toEqual([]);
  });

  it('hears of a deferred constraint that its commit breaks', async () => {
    const coordinator = accounts.coordinator();
    const work = coordinator.transaction<Client>('pg', (client) =>
      coordinator.transaction('pg', () => client.query('INSERT INTO children VALUES (7)'), {
        propagation: 'NESTED',
      }),
    );
    expect(await outcome(work)).toMatchObject({ code: '23503' });
  });

  it('has the isolation and access that it asks for', async () => {
    const coordinator = accounts.coordinator();
    const error = await outcome(
      coordinator.transaction<Client>(
        'pg',
        async (client, { isolation, readOnly }) => {
          const { rows } = await client.query('SHOW transaction_isolation');
          expect([rows, isolation, readOnly]).toEqual([
            [{ transaction_isolation: 'serializable' }],
            'SERIALIZABLE',
            true,
          ]);
          await add(client, 'a');
        },
        { isolation: 'SERIALIZABLE', readOnly: true },
      ),
    );
    expect(error).toMatchObject({ code: '25006' });
  });
});

describe('a transaction in another', () => {
  const inner = (coordinator: ResourceCoordinator, propagation: Propagation, fails: boolean) =>
    coordinator.transaction<Client, number>(
      'pg',
      async (client) => {
        await add(client, 'inner');
        if (fails) throw new Error('inner');
        return await pidOf(client);
      },
      { propagation },
    );

  /** @returns what came of it, and what is there then */
  async function nest(
    propagation: Propagation,
    innerFails: boolean,
    outerFails: boolean,
  ): Promise<[unknown, string[], boolean]> {
    const coordinator = accounts.coordinator();
    let sameSession = false;
    const result = await outcome(
      coordinator.transaction<Client>('pg', async (client) => {
        await add(client, 'outer');
        const done = await outcome(inner(coordinator, propagation, innerFails));
        sameSession = done === (await pidOf(client).catch(() => 0));
        if (outerFails) throw new Error('outer');
        return 'outer';
      }),
    );
    return [result, await accounts.names(), sameSession];
  }

  const error = (fields: object): unknown => expect.objectContaining(fields);
  const marked = error({ name: 'TransactionRolledBackError', reason: 'marked', cause: new Error('inner') });

  it.each<[Propagation, boolean, boolean, unknown, string[], boolean]>([
    ['REQUIRED', false, false, 'outer', ['inner', 'outer'], true],
    ['REQUIRED', false, true, error({ message: 'outer' }), [], true],
    ['REQUIRED', true, false, marked, [], false],
    ['MANDATORY', true, false, marked, [], false],
    ['SUPPORTS', true, false, marked, [], false],
    ['NESTED', false, false, 'outer', ['inner', 'outer'], true],
    ['NESTED', false, true, error({ message: 'outer' }), [], true],
    ['NESTED', true, false, 'outer', ['outer'], false],
    ['REQUIRES_NEW', false, false, 'outer', ['inner', 'outer'], false],
    ['REQUIRES_NEW', false, true, error({ message: 'outer' }), ['inner'], false],
    ['REQUIRES_NEW', true, false, 'outer', ['outer'], false],
    ['NOT_SUPPORTED', true, false, 'outer', ['inner', 'outer'], false],
    ['NOT_SUPPORTED', false, true, error({ message: 'outer' }), ['inner'], false],
    ['NEVER', false, false, 'outer', ['outer'], false],
  ])('is as %s says: the inner one fails: %s, the outer: %s', async (propagation, ...rest) => {
    const [innerFails, outerFails, ...expected] = rest;
    expect(await nest(propagation, innerFails, outerFails)).toEqual(expected);
  });

  it.each<[Propagation, unknown, string[]]>([
    ['REQUIRED', error({ message: 'inner' }), []],
    ['REQUIRES_NEW', error({ message: 'inner' }), []],
    ['NESTED', error({ message: 'inner' }), []],
    ['SUPPORTS', error({ message: 'inner' }), ['inner']],
    ['NOT_SUPPORTED', error({ message: 'inner' }), ['inner']],
    ['NEVER', error({ message: 'inner' }), ['inner']],
    ['MANDATORY', error({ name: 'TransactionRefusedError', reason: 'mandatory' }), []],
  ])('is as %s says where there is none, and it fails', async (propagation, result, names) => {
    const coordinator = accounts.coordinator();
    expect(await outcome(inner(coordinator, propagation, true))).toEqual(result);
    expect(await accounts.names()).toEqual(names);
  });

  it.each<Propagation>(['REQUIRES_NEW', 'NOT_SUPPORTED'])(
    'shares with %s what it borrows inside, and gives it back at its end',
    async (propagation) => {
      const coordinator = accounts.coordinator();
      await coordinator.transaction<Client>('pg', async (outer) => {
        await coordinator.transaction<Client>(
          'pg',
          async (client) => {
            expect(client).not.toBe(outer);
            await coordinator.use<Client, void>('pg', (shared) => expect(shared).toBe(client));
            expect(coordinator.stats().pools.pg.leased).toBe(2);
          },
          { propagation },
        );
        await coordinator.use<Client, void>('pg', (shared) => expect(shared).toBe(outer));
        expect(coordinator.stats().pools.pg.leased).toBe(1);
      });
    },
  );

  it.each([
    [{ isolation: 'SERIALIZABLE' }, 'isolation'],
    [{ isolation: 'SERIALIZABLE', propagation: 'NESTED' }, 'isolation'],
    [{ readOnly: true }, 'access'],
  ] as const)('is refused when it asks for %j, which the outer one has not', async (options, reason) => {
    const coordinator = accounts.coordinator();
    const refused = await coordinator.transaction<Client>('pg', async (client) => {
      await add(client, 'outer');
      return await outcome(coordinator.transaction('pg', () => 1, options));
    });
    expect(refused).toMatchObject({ name: 'TransactionRefusedError', reason });
    expect(await accounts.names()).toEqual(['outer']);
  });

  it('gives up with an error when its own session never comes', async () => {
    const coordinator = accounts.coordinator({ max: 1, acquireTimeout: Infinity });
    const error = await outcome(
      coordinator.transaction('pg', () =>
        coordinator.transaction('pg', () => 1, { propagation: 'REQUIRES_NEW' }),
      ),
    );
    expect(error).toMatchObject({ name: 'DeadlockError' });
    expect(coordinator.stats().pools.pg).toMatchObject({ leased: 0, pending: 0 });
  });
});

describe('transactions side by side', () => {
  const slowly = async (client: Client, name: string, fails: boolean): Promise<void> => {
    await add(client, name);
    await client.query('SELECT pg_sleep(0.02)');
    await add(client, `${name}2`);
    if (fails) throw new Error(name);
  };

  it.each<Propagation>(['REQUIRED', 'NESTED'])(
    'on one session of one scope don’t get into each other, as %s',
    async (propagation) => {
      const coordinator = accounts.coordinator();
      const results = await coordinator.run(() =>
        Promise.all(
          ['a', 'b', 'c'].map((name) =>
            outcome(
              coordinator.transaction<Client>('pg', (client) => slowly(client, name, name === 'b'), {
                propagation,
              }),
            ),
          ),
        ),
      );
      expect(results).toEqual([undefined, new Error('b'), undefined]);
      expect(await accounts.names()).toEqual(['a', 'a2', 'c', 'c2']);
      expect(coordinator.stats().pools.pg.size).toBe(1);
    },
  );

  it('in another one don’t get into each other, and none waits for itself', async () => {
    const coordinator = accounts.coordinator();
    const options = { propagation: 'NESTED' } as const;
    const nested = (name: string, fails: boolean): Promise<unknown> =>
      outcome(
        coordinator.transaction<Client>(
          'pg',
          async () => {
            await outcome(
              coordinator.transaction<Client>('pg', (inner) => slowly(inner, `${name}-in`, true), options),
            );
            await coordinator.transaction<Client>('pg', (inner) => slowly(inner, name, fails));
          },
          options,
        ),
      );
    await coordinator.transaction('pg', async () => {
      await Promise.all([nested('a', false), nested('b', true), nested('c', false)]);
    });
    expect(await accounts.names()).toEqual(['a', 'a2', 'c', 'c2']);
  });

  it('of two coordinators know nothing of each other', async () => {
    const [one, other] = [accounts.coordinator(), accounts.coordinator()];
    const error = await outcome(
      one.transaction<Client>('pg', async (client) => {
        await add(client, 'one');
        await other.transaction<Client>('pg', (its) => add(its, 'other'));
        throw new Error('no');
      }),
    );
    expect([error, await accounts.names()]).toEqual([new Error('no'), ['other']]);
  });
});

describe('statements beside a transaction', () => {
  const fails = (coordinator: ResourceCoordinator, propagation: Propagation): Promise<unknown> =>
    outcome(
      coordinator.transaction<Client>(
        'pg',
        async (client) => {
          await add(client, 'in');
          await client.query('SELECT pg_sleep(0.05)');
          throw new Error('no');
        },
        { propagation },
      ),
    );

  it('on the same session of the scope wait for its end, and are not lost with it', async () => {
    const coordinator = accounts.coordinator();
    await coordinator.run(async () => {
      const failed = fails(coordinator, 'REQUIRED');
      await coordinator.use<Client>('pg', (client) => add(client, 'promised'));
      await coordinator.use<Client, void>(
        'pg',
        (client) =>
          new Promise((resolve) =>
            client.query(`INSERT INTO accounts VALUES ('called')`, () => {
              resolve();
            }),
          ),
      );
      await failed;
    });
    expect(await accounts.names()).toEqual(['called', 'promised']);
  });

  it('in the one around it wait for its end, and are not lost with it', async () => {
    const coordinator = accounts.coordinator();
    await coordinator.transaction<Client>('pg', async (client) => {
      const failed = fails(coordinator, 'NESTED');
      await Promise.all(['a', 'b', 'c'].map((name) => add(client, name)));
      await failed;
    });
    expect(await accounts.names()).toEqual(['a', 'b', 'c']);
  });

  it('that were begun in it and come after its end are refused', async () => {
    const coordinator = accounts.coordinator();
    const late: Promise<unknown>[] = [];
    await coordinator.run(async () => {
      await outcome(
        coordinator.transaction<Client>('pg', async (client) => {
          const slow = async (name: string): Promise<void> => {
            await client.query('SELECT pg_sleep(0.02)');
            await client.query('SELECT pg_sleep(0.02)');
            await add(client, name);
          };
          late.push(outcome(slow('late')));
          await add(client, 'a');
          throw new Error('no');
        }),
      );
      await coordinator.use<Client>('pg', (client) => add(client, 'after'));
      expect(await Promise.all(late)).toMatchObject([{ name: 'TransactionEndedError' }]);
    });
    expect(await accounts.names()).toEqual(['after']);
  });

  it('that only reads costs no session for a write that nobody awaits', async () => {
    const coordinator = accounts.coordinator();
    let late: Promise<unknown> | undefined;
    const error = await outcome(
      coordinator.transaction<Client>(
        'pg',
        () => {
          late = outcome(coordinator.use<Client>('pg', (client) => add(client, 'late')));
        },
        { readOnly: true },
      ),
    );
    expect(await late).toMatchObject({ code: '25006' });
    expect(error).toMatchObject({ name: 'TransactionRolledBackError' });
    await coordinator.use<Client>('pg', (client) => client.query('SELECT 1'));
    expect(coordinator.stats().pools.pg.created).toBe(1);
  });

  it('that ask for what a read-only one may not do cost nobody the session', async () => {
    const coordinator = accounts.coordinator();
    const results = await coordinator.run(() =>
      Promise.all([
        outcome(coordinator.transaction<Client>('pg', (client) => add(client, 'a'), { readOnly: true })),
        coordinator.transaction<Client>('pg', (client) => add(client, 'b')).then(() => 'kept'),
      ]),
    );
    expect(results).toMatchObject([{ code: '25006' }, 'kept']);
    expect(coordinator.stats().pools.pg.created).toBe(1);
    const separate = coordinator.run(() =>
      coordinator.use<Client>('pg', () =>
        coordinator.transaction<Client>('pg', (client) => add(client, 'a'), {
          readOnly: true,
          propagation: 'REQUIRES_NEW',
        }),
      ),
    );
    expect(await outcome(separate)).toMatchObject({ code: '25006' });
    expect(coordinator.stats().pools.pg).toMatchObject({ created: 2, retired: { invalid: 0 } });
  });
});
