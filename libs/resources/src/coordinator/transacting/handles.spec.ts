import { beforeEach, describe, expect, it } from '@jest/globals';
import { Deferred, Outcome } from '../../pool/deferred.fixture.js';
import { settle, VirtualClock } from '../../time/virtual-clock.fixture.js';
import type { OpenTransaction } from '../../transactions/open-transaction.js';
import type { Handle } from '../../transactions/lane.js';
import { currentTransaction, laneOfStatement, runWithin } from '../../transactions/transaction-frame.js';
import { HOSTILE_ROWS } from '../../words/hostile-values.fixture.js';
import { ResourceCoordinator } from '../resource-coordinator.js';
import { ledger, type LedgerSession } from './ledger.fixture.js';

let kept: string[];
let clock: VirtualClock;
let coordinator: ResourceCoordinator;

beforeEach(() => {
  kept = [];
  clock = new VirtualClock();
  coordinator = new ResourceCoordinator({ resources: { db: ledger(kept) }, clock });
});

/** Work in a transaction, which is found as others find it. */
function within(work: (session: LedgerSession, current: OpenTransaction) => unknown): Promise<unknown> {
  return coordinator.transaction<LedgerSession>('db', async (session) => {
    const current = currentTransaction(coordinator, 'db');
    if (current === undefined) throw new Error('there is none');
    await work(session, current);
  });
}

/** Who waits for it, waits as long as it takes. */
const PATIENT: Handle = { endsItself: false, limit: () => () => undefined };

const outcome = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

describe('a transaction in another that ends by a call', () => {
  it('is kept with it when it is committed, and undone alone when it is not', async () => {
    await within(async (session, current) => {
      session.write('outer');
      for (const end of ['commit', 'rollback'] as const) {
        const inner = await current.inner(PATIENT);
        session.write(end);
        await inner[end]();
      }
    });
    expect(kept).toEqual(['outer', 'commit']);
  });

  it('waits for its turn, and lets what comes after it wait', async () => {
    const order: string[] = [];
    await within(async (_, current) => {
      const first = await current.inner(PATIENT);
      const second = current.inner(PATIENT).then((inner) => {
        order.push('second');
        return inner.commit();
      });
      const work = coordinator.transaction('db', () => void order.push('work'));
      await settle();
      expect([order, laneOfStatement(current.resource)?.isTaken]).toEqual([[], true]);
      expect(runWithin(first, () => laneOfStatement(current.resource)?.isTaken)).toBe(false);
      expect(runWithin(first, () => currentTransaction(coordinator, 'db'))).toBe(first);
      order.push('first');
      await first.commit();
      await Promise.all([second, work]);
    });
    expect(order).toEqual(['first', 'second', 'work']);
  });

  it('lets those who wait for it be refused, and those behind them have their turn', async () => {
    const refusals: ((error: Error) => void)[] = [];
    let ended = 0;
    const hasty: Handle = {
      endsItself: false,
      limit(refuse) {
        refusals.push(refuse);
        return () => void ended++;
      },
    };
    const order: string[] = [];
    await within(async (_, current) => {
      const inner = await current.inner(hasty);
      const work = outcome(coordinator.transaction('db', () => void order.push('work')));
      const handle = outcome(current.inner(PATIENT));
      const lane = laneOfStatement(current.resource);
      lane?.pass(
        () => order.push('statement'),
        (error) => order.push((error as Error).message),
      );
      const later = coordinator.transaction('db', () => void order.push('later'));
      await settle();
      expect([refusals.length, ended]).toEqual([4, 0]);
      for (const [index, refuse] of refusals.slice(0, 3).entries()) refuse(new Error(`refused ${index}`));
      expect(await work).toMatchObject({ message: 'refused 0' });
      expect(await handle).toMatchObject({ message: 'refused 1' });
      await inner.commit();
      await later;
      refusals[3](new Error('too late'));
    });
    expect([order, ended]).toEqual([['refused 2', 'later'], 4]);
  });

  it('leaves its place to others when a signal ends its wait', async () => {
    await within(async (_, current) => {
      const first = await current.inner(PATIENT);
      const controller = new AbortController();
      const given = new Outcome(current.inner(PATIENT, {}, controller.signal));
      const third = current.inner(PATIENT);
      const reason = new Error('enough');
      controller.abort(reason);
      await settle();
      expect([given.state, given.error]).toEqual(['rejected', reason]);
      await first.commit();
      await (await third).commit();
    });
  });

  it('may have others in it', async () => {
    await within(async (session, current) => {
      const inner = await current.inner(PATIENT);
      const innermost = await inner.inner(PATIENT);
      expect([inner.depth, innermost.depth]).toEqual([2, 3]);
      session.write('innermost');
      await innermost.rollback();
      session.write('inner');
      await inner.commit();
    });
    expect(kept).toEqual(['inner']);
  });

  it('that is left open undoes all, and can be used no more', async () => {
    let left: OpenTransaction | undefined;
    let waiting: Promise<unknown> | undefined;
    const error = await outcome(
      within(async (session, current) => {
        session.write('outer');
        left = await current.inner(PATIENT);
        waiting = outcome(current.inner(PATIENT));
      }),
    );
    expect(error).toMatchObject({ name: 'TransactionRolledBackError', reason: 'unfinished', type: 'db' });
    for (const end of [left?.commit(), left?.rollback(), left?.inner(PATIENT), waiting])
      expect(await outcome(Promise.resolve(end))).toMatchObject({ name: 'TransactionEndedError' });
    expect(kept).toEqual([]);
    expect(coordinator.stats().pools['db']).toMatchObject({ leased: 0 });
  });

  it('is refused when it asks for what the outer one has not', async () => {
    await within(async (_, current) => {
      expect(await outcome(current.inner(PATIENT, { isolation: 'SERIALIZABLE' }))).toMatchObject({
        reason: 'isolation',
      });
      expect(await outcome(current.inner(PATIENT, { readOnly: true }))).toMatchObject({ reason: 'access' });
      await (await current.inner(PATIENT, { readOnly: false })).commit();
    });
  });

  it('is refused where there are no savepoints', async () => {
    const { create, transactions } = ledger(kept);
    const { begin, commit, rollback } = transactions ?? {};
    const plain = { create, transactions: { begin, commit, rollback } };
    coordinator.register('plain', plain as unknown as ReturnType<typeof ledger>);
    const nested = { propagation: 'NESTED' } as const;
    const work = coordinator.transaction('plain', () => coordinator.transaction('plain', () => 1, nested));
    expect(await outcome(work)).toMatchObject({ name: 'TransactionRefusedError', reason: 'savepoints' });
  });
});

describe('who waits for a turn', () => {
  it.each<[string, (wait: { signal: AbortSignal }) => object]>([
    ['signal', ({ signal }) => ({ signal })],
    ['time-out', () => ({ timeout: '5s' })],
  ])('gives up by its %s, and leaves its place to others', async (_, optionsOf) => {
    const end = new Deferred();
    const controller = new AbortController();
    await coordinator.run(async () => {
      const first = coordinator.transaction('db', () => end.promise);
      await settle();
      const second = new Outcome(coordinator.transaction('db', () => 2, optionsOf(controller)));
      const third = new Outcome(coordinator.transaction('db', () => 3));
      await settle();
      await clock.advance(5_000);
      controller.abort(new Error('enough'));
      await settle();
      expect([second.state, third.state]).toEqual(['rejected', 'pending']);
      expect(second.error).toMatchObject({ name: 'AcquireAbortedError', cause: expect.any(Error) });
      end.resolve();
      await first;
      await settle();
      expect(third.value).toBe(3);
    });
    expect(coordinator.stats().pools['db']).toMatchObject({ leased: 0 });
  });
});

describe('work that is to be done again', () => {
  it('is not waited for any more when its signal is aborted', async () => {
    const controller = new AbortController();
    let tries = 0;
    const work = new Outcome(
      coordinator.transaction(
        'db',
        () => {
          tries++;
          return Promise.reject('again');
        },
        { retry: { delay: '1h', maxDelay: '1h' }, signal: controller.signal },
      ),
    );
    await settle();
    expect([work.state, coordinator.stats().pools['db'].leased]).toEqual(['pending', 1]);
    controller.abort(new Error('enough'));
    await settle();
    expect(work).toMatchObject({ state: 'rejected', error: 'again' });
    expect([tries, coordinator.stats().pools['db'].leased]).toEqual([1, 0]);
  });
});

describe('work that throws what can’t be asked what it is', () => {
  it.each(HOSTILE_ROWS)('is undone, and its caller gets it: %s', async (_, make) => {
    const thrown = make();
    const caught: unknown[] = [];
    for (const options of [{}, { retry: true }])
      await coordinator
        .transaction<LedgerSession>(
          'db',
          (session) => {
            session.write('a');
            throw thrown;
          },
          options,
        )
        .catch((error: unknown) => caught.push(Object.is(error, thrown)));
    expect([caught, kept]).toEqual([[true, true], []]);
  });
});

describe('an undoing that never ends', () => {
  it('is not waited for for ever: the session is destroyed', async () => {
    const destroyed: unknown[] = [];
    const definition = ledger(kept);
    coordinator.register('slow', {
      ...definition,
      destroy: (session) => void destroyed.push(session),
      transactions: { ...definition.transactions, rollback: () => new Promise(() => undefined) } as never,
    });
    const failed = new Outcome(
      coordinator.transaction('slow', () => {
        throw new Error('no');
      }),
    );
    await settle();
    expect(failed.state).toBe('pending');
    await clock.advance(5_000);
    await settle();
    expect([failed.error, destroyed.length]).toEqual([new Error('no'), 1]);
  });
});

describe('a control', () => {
  const definition = ledger([]);

  it.each<[string, unknown]>([
    ['transactions', 'BEGIN'],
    ['transactions.begin', {}],
    ['transactions.rollback', { ...definition.transactions, rollback: undefined }],
    ['transactions.rollbackTo', { ...definition.transactions, rollbackTo: undefined }],
    ['transactions.effectOf', { ...definition.transactions, effectOf: 'retry' }],
  ])('is refused by the name of %s', (option, transactions) => {
    const resources = { db: { ...definition, transactions } } as never;
    expect(() => new ResourceCoordinator({ resources })).toThrow(
      expect.objectContaining({ name: 'InvalidOptionsError', option: `resources.db.${option}` }),
    );
  });

  it('that can’t tell what a failed commit means leaves it unknown', async () => {
    const { effectOf: _, ...control } = definition.transactions ?? {};
    const fails = (): never => {
      throw undefined;
    };
    coordinator.register('silent', { ...definition, transactions: { ...control, commit: fails } as never });
    expect(await outcome(coordinator.transaction('silent', () => 1))).toMatchObject({
      name: 'TransactionOutcomeUnknownError',
    });
  });
});
