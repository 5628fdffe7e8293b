import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { ResourceCoordinator, Transaction } from 'nestjs-resources';
import { Deferred } from '../../../../libs/resources/src/pool/deferred.fixture.js';
import { eventually } from '../../../eventually.fixture.js';
import { Accounts, add, type Client, outcome } from './accounts.fixture.js';
import { CommitProxy, type Fate } from './commit-proxy.fixture.js';

let accounts: Accounts;
let proxy: CommitProxy;

beforeAll(async () => {
  accounts = await Accounts.open();
  proxy = await CommitProxy.before(accounts.postgres.url);
});

afterEach(async () => {
  proxy.fate = 'passes';
  await accounts.clear();
});

afterAll(async () => {
  await proxy.close();
  await accounts.stop();
});

const throughProxy = (pool = {}): ResourceCoordinator =>
  accounts.coordinator({ max: 1, ...pool }, {}, { url: proxy.url });

/** Remembers which hooks were called, in order. */
function hooksOf(called: string[]): (name: string, transaction: Transaction) => void {
  return (name, transaction) => {
    transaction.afterCommit(() => void called.push(`${name} committed`));
    transaction.afterRollback(() => void called.push(`${name} rolled back`));
  };
}

describe('a commit whose answer is lost', () => {
  it.each<[Fate, string[]]>([
    ['lost on its way', []],
    ['answer lost', ['a']],
  ])('is of unknown outcome, and never tried again: %s', async (fate, names) => {
    const coordinator = throughProxy();
    const called: string[] = [];
    let tries = 0;
    const error = await outcome(
      coordinator.transaction<Client>(
        'pg',
        async (client, transaction) => {
          tries++;
          hooksOf(called)('it', transaction);
          await add(client, 'a');
          proxy.fate = fate;
        },
        { retry: true },
      ),
    );
    expect(error).toMatchObject({
      name: 'TransactionOutcomeUnknownError',
      type: 'pg',
      cause: expect.any(Error),
    });
    expect([tries, called]).toEqual([1, []]);
    await eventually(() => expect(coordinator.stats().pools.pg.size).toBe(0));
    await eventually(async () => expect(await accounts.names()).toEqual(names));
    proxy.fate = 'passes';
    await coordinator.transaction<Client>('pg', (client) => add(client, 'next'));
  });

  it('is ended with the lease when it never comes', async () => {
    const coordinator = throughProxy({ maxLeaseTime: 300 });
    const error = await outcome(
      coordinator.transaction<Client>('pg', async (client) => {
        await add(client, 'a');
        proxy.fate = 'never answered';
      }),
    );
    expect(error).toMatchObject({ name: 'TransactionOutcomeUnknownError' });
  });
});

describe('a transaction whose work never ends', () => {
  it('is not kept, and its session not lent on, when its lease has lasted for too long', async () => {
    const coordinator = accounts.coordinator({ max: 1, maxLeaseTime: 300 }, {}, { reset: 'none' });
    let finish = (): void => undefined;
    const work = outcome(
      coordinator.transaction<Client>('pg', async (client) => {
        await add(client, 'a');
        await new Promise<void>((resolve) => (finish = resolve));
      }),
    );
    await coordinator.transaction<Client>('pg', (client) => add(client, 'next'));
    finish();
    expect(await work).toMatchObject({ name: 'TransactionRolledBackError', reason: 'lost' });
    expect(await accounts.names()).toEqual(['next']);
  });

  it('is not kept when the application stops', async () => {
    const coordinator = accounts.coordinator({ max: 1 });
    const began = new Deferred();
    const never = new Deferred();
    const work = outcome(
      coordinator.transaction<Client>('pg', async (client) => {
        await add(client, 'a');
        began.resolve();
        await never.promise;
      }),
    );
    await began.promise;
    await coordinator.cleanup({ deadline: 0 });
    never.resolve();
    expect(await work).toMatchObject({ name: 'TransactionRolledBackError', reason: 'lost' });
    await eventually(async () => expect(await accounts.postgres.sessions()).toEqual([]));
    expect(await accounts.names()).toEqual([]);
  });

  it('is kept when it ends in the time that a stop gives it', async () => {
    const coordinator = accounts.coordinator({ max: 1 });
    const began = new Deferred();
    const work = coordinator.transaction<Client>('pg', async (client) => {
      began.resolve();
      await client.query('SELECT pg_sleep(0.2)');
      await coordinator.transaction<Client>('pg', (inner) => add(inner, 'a'), { propagation: 'NESTED' });
    });
    await began.promise;
    await Promise.all([coordinator.cleanup({ deadline: '10s' }), work]);
    expect(await accounts.names()).toEqual(['a']);
  });
});

describe('a transaction whose session breaks', () => {
  it('sends nothing of what is left to another one', async () => {
    const coordinator = accounts.coordinator({ max: 2 });
    const error = await outcome(
      coordinator.transaction<Client>('pg', async (client) => {
        await add(client, 'a');
        const ended = new Promise<void>((resolve) => client.once('end', resolve));
        await accounts.postgres.terminateSessions();
        await ended;
        await outcome(client.query('SELECT 1'));
        await outcome(coordinator.use<Client>('pg', (shared) => add(shared, 'b')));
      }),
    );
    expect(error).toMatchObject({ name: 'TransactionRolledBackError', reason: 'lost' });
    expect(await accounts.names()).toEqual([]);
  });

  it('refuses what is left of its work when somebody says that it is broken', async () => {
    const coordinator = accounts.coordinator({ max: 2 });
    const refused: unknown[] = [];
    const error = await outcome(
      coordinator.transaction<Client>('pg', async (client) => {
        await add(client, 'a');
        const lease = await coordinator.acquire<Client>('pg');
        await lease.invalidate();
        refused.push(await outcome(coordinator.use<Client>('pg', (shared) => add(shared, 'b'))));
        refused.push(await outcome(coordinator.transaction('pg', () => 1)));
      }),
    );
    expect(refused).toMatchObject([{ name: 'LeaseReleasedError' }, { name: expect.any(String) }]);
    expect(error).toMatchObject({
      name: 'TransactionRolledBackError',
      reason: expect.stringMatching(/lost|marked/),
    });
    expect(await accounts.names()).toEqual([]);
  });

  it.each([
    [['COMMIT']],
    [['COMMIT', 'BEGIN']],
    [['ROLLBACK', 'BEGIN']],
    [['ROLLBACK; BEGIN']],
    [['COMMIT AND CHAIN']],
    [['/* all of it */ ROLLBACK AND CHAIN']],
  ])('is of unknown outcome when statements of its work have ended it: %j', async (texts) => {
    const coordinator = accounts.coordinator();
    for (const isAwaited of [true, false]) {
      const error = await outcome(
        coordinator.transaction<Client>('pg', async (client) => {
          await add(client, isAwaited ? 'a' : 'b');
          const answers = texts.map((text) => client.query(text));
          if (isAwaited) await Promise.all(answers);
        }),
      );
      expect(error).toMatchObject({ name: 'TransactionOutcomeUnknownError' });
    }
  });

  it('is committed when statements of its work have undone a part of it', async () => {
    const coordinator = accounts.coordinator();
    await coordinator.transaction<Client>('pg', async (client) => {
      await add(client, 'a');
      await client.query('SAVEPOINT mine');
      await add(client, 'b');
      await client.query('/* only */ ROLLBACK TO mine');
      await client.query({ name: 'undo', text: 'ROLLBACK WORK TO SAVEPOINT mine' });
    });
    expect(await accounts.names()).toEqual(['a']);
  });
});

describe('a transaction that somebody has begun by a statement', () => {
  it('is not ended by another one on its session, which is refused', async () => {
    const coordinator = accounts.coordinator();
    await coordinator.use<Client>('pg', (client) =>
      coordinator.run(() =>
        coordinator.use<Client>('pg', async (own) => {
          expect(own).not.toBe(client);
          void own.query('BEGIN');
          const refused = await outcome(coordinator.transaction<Client>('pg', (its) => add(its, 'in')));
          expect(refused).toMatchObject({ name: 'TransactionRefusedError', reason: 'foreign' });
          await add(own, 'by statements');
          await own.query('COMMIT');
          await coordinator.transaction<Client>('pg', (its) => add(its, 'after'));
        }),
      ),
    );
    expect(await accounts.names()).toEqual(['after', 'by statements']);
  });
});

describe('a nested transaction', () => {
  it('in which the error of a statement was swallowed is undone alone, and says so', async () => {
    const coordinator = accounts.coordinator();
    await coordinator.transaction<Client>('pg', async (client) => {
      await add(client, 'outer');
      const error = await outcome(
        coordinator.transaction<Client>(
          'pg',
          async (its) => {
            await add(its, 'inner');
            await outcome(its.query('SELECT 1 / 0'));
          },
          { propagation: 'NESTED' },
        ),
      );
      expect(error).toMatchObject({ name: 'TransactionRolledBackError', reason: 'failed' });
    });
    expect(await accounts.names()).toEqual(['outer']);
  });
});

describe('what is not awaited in a transaction', () => {
  it('is waited for when it is a transaction, and is a part of it', async () => {
    const coordinator = accounts.coordinator();
    const inner: Promise<unknown>[] = [];
    await coordinator.transaction<Client>('pg', async (client) => {
      await add(client, 'a');
      for (const propagation of ['REQUIRED', 'NESTED'] as const)
        inner.push(
          coordinator.transaction<Client>(
            'pg',
            async (its) => {
              await sleep(20);
              await add(its, propagation);
            },
            { propagation },
          ),
        );
    });
    await Promise.all(inner);
    expect(await accounts.names()).toEqual(['NESTED', 'REQUIRED', 'a']);
  });

  it('undoes all when it fails after its work', async () => {
    const coordinator = accounts.coordinator();
    const inner: Promise<unknown>[] = [];
    const error = await outcome(
      coordinator.transaction<Client>('pg', async (client) => {
        await add(client, 'a');
        inner.push(
          outcome(
            coordinator.transaction('pg', async () => {
              await sleep(20);
              throw new Error('late');
            }),
          ),
        );
      }),
    );
    expect(error).toMatchObject({ name: 'TransactionRolledBackError', cause: new Error('late') });
    expect(await accounts.names()).toEqual([]);
  });

  it('begins one of its own when it comes after the end', async () => {
    const coordinator = accounts.coordinator();
    const late: Promise<unknown>[] = [];
    await coordinator.run(async () => {
      const go = new Deferred();
      await coordinator.transaction<Client>('pg', async (client) => {
        late.push(go.promise.then(() => coordinator.transaction<Client>('pg', (its) => add(its, 'late'))));
        await add(client, 'a');
      });
      go.resolve();
      await Promise.all(late);
    });
    expect(await accounts.names()).toEqual(['a', 'late']);
  });

  it('is refused when it comes after the end of an inner one, while the outer goes on', async () => {
    const coordinator = accounts.coordinator();
    await coordinator.transaction('pg', async () => {
      const go = new Deferred();
      let late: Promise<unknown> = go.promise;
      await coordinator.transaction(
        'pg',
        () => {
          late = outcome(go.promise.then(() => coordinator.transaction('pg', () => 1)));
        },
        { propagation: 'NESTED' },
      );
      go.resolve();
      expect(await late).toMatchObject({ name: 'TransactionRefusedError', reason: 'ended' });
    });
  });
});

describe('a transaction’s handle', () => {
  it('undoes all when it says so, whatever the work returns', async () => {
    const coordinator = accounts.coordinator();
    const error = await outcome(
      coordinator.transaction<Client>('pg', async (client, transaction) => {
        await add(client, 'a');
        transaction.setRollbackOnly('as I say');
      }),
    );
    expect(error).toMatchObject({
      name: 'TransactionRolledBackError',
      reason: 'marked',
      cause: expect.anything(),
    });
    expect(await accounts.names()).toEqual([]);
  });

  it('is refused after the end', async () => {
    const coordinator = accounts.coordinator();
    const kept = await coordinator.transaction<Client, Transaction[]>('pg', async (_, transaction) => [
      transaction,
    ]);
    const [transaction] = kept;
    for (const use of [
      () => transaction.afterCommit(() => undefined),
      () => transaction.afterRollback(() => undefined),
      () => transaction.setRollbackOnly(),
    ])
      expect(use).toThrow(expect.objectContaining({ name: 'TransactionEndedError' }));
  });

  it('calls hooks once, when it is known how all of it has ended', async () => {
    const coordinator = accounts.coordinator();
    const called: string[] = [];
    const hooks = hooksOf(called);
    const inner = (name: string, propagation: 'REQUIRED' | 'NESTED', fails: boolean): Promise<unknown> =>
      outcome(
        coordinator.transaction(
          'pg',
          (_, transaction) => {
            hooks(name, transaction);
            if (fails) throw new Error(name);
          },
          { propagation },
        ),
      );
    await coordinator.transaction('pg', async (_, transaction) => {
      hooks('outer', transaction);
      await inner('nested', 'NESTED', false);
      await inner('joined', 'REQUIRED', false);
      await inner('failed', 'NESTED', true);
      expect(called).toEqual(['failed rolled back']);
    });
    expect(called.splice(0)).toEqual([
      'failed rolled back',
      'outer committed',
      'nested committed',
      'joined committed',
    ]);
    await outcome(
      coordinator.transaction('pg', async (_, transaction) => {
        hooks('outer', transaction);
        await inner('nested', 'NESTED', false);
        await inner('joined', 'REQUIRED', true);
      }),
    );
    expect(called).toEqual(['outer rolled back', 'nested rolled back', 'joined rolled back']);
  });

  it('has hooks that may throw, hang, and begin transactions, without anybody waiting', async () => {
    const coordinator = accounts.coordinator({ max: 1 });
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    let begun: Promise<unknown> | undefined;
    const result = await coordinator.transaction<Client, string>('pg', async (client, transaction) => {
      transaction.afterCommit(() => {
        throw new Error('thrown by a hook');
      });
      transaction.afterCommit(() => Promise.reject(new Error('rejected by a hook')));
      transaction.afterCommit(() => new Promise(() => undefined));
      transaction.afterCommit(
        () => (begun = coordinator.transaction<Client>('pg', (its) => add(its, 'hook'))),
      );
      await add(client, 'a');
      return 'kept';
    });
    await begun;
    expect([result, await accounts.names()]).toEqual(['kept', ['a', 'hook']]);
    expect(warned.mock.calls.map(([warning]) => String(warning))).toEqual([
      'Error: thrown by a hook',
      'Error: rejected by a hook',
    ]);
    warned.mockRestore();
  });
});

describe('a transaction that the server gives up for others', () => {
  const increment = (client: Client, id: number): Promise<unknown> =>
    client.query('UPDATE counters SET value = value + 1 WHERE id = $1', [id]);

  /** Two that must fail, one of them, when both are at work at the same time. */
  async function conflict(coordinator: ResourceCoordinator, retry: boolean): Promise<unknown[]> {
    let [arrived, tries] = [0, 0];
    const both = new Deferred();
    const one = (first: number, second: number): Promise<unknown> =>
      coordinator.run(() =>
        outcome(
          coordinator.transaction<Client>(
            'pg',
            async (client) => {
              tries++;
              await increment(client, first);
              if (++arrived === 2) both.resolve();
              await both.promise;
              await increment(client, second);
              return 'kept';
            },
            { retry, isolation: 'REPEATABLE READ' },
          ),
        ),
      );
    const results = await Promise.all([one(1, 2), one(2, 1)]);
    return [...results, tries];
  }

  it('is tried again when that is asked for', async () => {
    const coordinator = accounts.coordinator();
    expect(await conflict(coordinator, true)).toEqual(['kept', 'kept', 3]);
    expect(await accounts.postgres.query('SELECT value FROM counters')).toEqual([{ value: 2 }, { value: 2 }]);
  });

  it('fails when it is not', async () => {
    const [one, other, tries] = await conflict(accounts.coordinator(), false);
    expect([one, other]).toEqual(
      expect.arrayContaining([
        'kept',
        expect.objectContaining({ code: expect.stringMatching(/40001|40P01/) }),
      ]),
    );
    expect(tries).toBe(2);
  });

  const givenUp = (): Error => Object.assign(new Error('given up'), { code: '40001' });

  it('is tried again by the outermost only, as often as is asked', async () => {
    const coordinator = accounts.coordinator();
    let [outer, inner] = [0, 0];
    const error = await outcome(
      coordinator.transaction<Client>(
        'pg',
        async () => {
          outer++;
          await coordinator.transaction(
            'pg',
            () => {
              inner++;
              throw givenUp();
            },
            { retry: true },
          );
        },
        { retry: { attempts: 4, delay: 1, maxDelay: 2 } },
      ),
    );
    expect([error, outer, inner]).toEqual([expect.objectContaining({ code: '40001' }), 4, 4]);
  });

  it('is not tried again after the deadline', async () => {
    const coordinator = accounts.coordinator({ min: 1 });
    await coordinator.use('pg', () => undefined);
    let tries = 0;
    const error = await outcome(
      coordinator.transaction(
        'pg',
        async () => {
          tries++;
          await sleep(300);
          throw givenUp();
        },
        { retry: { attempts: 1_000, delay: 1 }, timeout: 500 },
      ),
    );
    expect(error).toMatchObject({ code: '40001' });
    expect(tries).toBeLessThanOrEqual(2);
  });
});

describe('transactions of a keyed type', () => {
  it('are those of a key', async () => {
    const coordinator = accounts.coordinator({ keyed: {} });
    await coordinator.transaction<Client>(
      'pg',
      async (a) => {
        await add(a, 'a');
        await outcome(
          coordinator.transaction<Client>(
            'pg',
            async (b) => {
              expect(b).not.toBe(a);
              await add(b, 'b');
              await coordinator.use<Client, void>('pg', (shared) => expect(shared).toBe(a), { key: 'a' });
              throw new Error('no');
            },
            { key: 'b' },
          ),
        );
      },
      { key: 'a' },
    );
    expect(await accounts.names()).toEqual(['a']);
    expect(await outcome(coordinator.transaction('pg', () => 1))).toMatchObject({ option: 'key' });
  });
});

describe('what a transaction can’t be asked', () => {
  it.each<[string, unknown, unknown]>([
    ['propagation', () => 1, { propagation: 'SOMETIMES' }],
    ['isolation', () => 1, { isolation: 'serializable; DROP TABLE accounts' }],
    ['readOnly', () => 1, { readOnly: 'yes' }],
    ['retry', () => 1, { retry: 3 }],
    ['retry.attempts', () => 1, { retry: { attempts: 0 } }],
    ['retry.maxDelay', () => 1, { retry: { delay: 5, maxDelay: 1 } }],
    ['timeout', () => 1, { timeout: 0 }],
    ['separate', () => 1, { separate: true }],
    ['signal', () => 1, { signal: 'stop' }],
    ['work', 'SELECT 1', {}],
    ['options', () => 1, null],
  ])('is refused by the name of %s', async (option, work, options) => {
    const coordinator = accounts.coordinator();
    const refused = await outcome(coordinator.transaction('pg', work as () => number, options as object));
    expect(refused).toMatchObject({ name: 'InvalidOptionsError', option });
  });

  it('is refused for a type that has none', async () => {
    const coordinator = accounts.coordinator();
    coordinator.register('redis', { create: () => ({}) });
    const refused = await outcome(coordinator.transaction('redis', () => 1));
    expect(refused).toMatchObject({ name: 'TransactionRefusedError', reason: 'control', type: 'redis' });
    expect(await outcome(coordinator.transaction('mysql', () => 1))).toMatchObject({
      name: 'UnknownResourceError',
    });
  });
});
