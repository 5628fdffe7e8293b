import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Loan, LOAN_HOOKS, LoanHooks, loanHooksOf } from '../hooks/loan-hooks.js';
import type { PoolOptions } from '../pool/pool-options.js';
import { ResourceCoordinator } from './resource-coordinator.js';

class Heard extends LoanHooks<object> {
  readonly loans: Loan[] = [];
  readonly told: string[] = [];

  began(_: object, loan: Loan): void {
    this.loans.push(loan);
    this.told.push(`began ${loan.owner}`);
  }

  ended(): void {
    this.told.push('ended');
  }
}

describe('what a factory hears of loans', () => {
  let heard: Heard;

  beforeEach(() => {
    heard = new Heard();
  });

  function coordinatorOf(pool: PoolOptions): ResourceCoordinator {
    const session = { create: () => ({}), [LOAN_HOOKS]: heard, pool };
    return new ResourceCoordinator({ resources: { session } });
  }

  it.each<[string, PoolOptions, { key?: string }]>([
    ['a pool', { max: 1 }, {}],
    ['a pool that keeps a reserve', { max: 2, reserve: { health: 1 } }, {}],
    ['a keyed pool', { max: 1, keyed: {} }, { key: 'k' }],
  ])('is for whom %s lends, whether idle, made or waited for', async (_, pool, key) => {
    const coordinator = coordinatorOf(pool);
    const borrow = (): Promise<unknown> => coordinator.use('session', () => Promise.resolve(), key);
    await Promise.all(['a', 'b'].map((owner) => coordinator.run(borrow, { owner })));
    await coordinator.run(borrow, { owner: 'c' });
    await coordinator.run(
      async () =>
        coordinator.use('session', () => undefined, { ...key, signal: new AbortController().signal }),
      { owner: 'd' },
    );

    const all = ['a', 'b', 'c', 'd'].flatMap((owner) => [`began ${owner} (run)`, 'ended']);
    expect(heard.told).toEqual(all);
    expect(heard.loans.map(({ unit }) => unit)).toEqual(
      Array(4).fill(expect.objectContaining({ kind: 'run' })),
    );
    expect(new Set(heard.loans.map(({ unit }) => unit)).size).toBe(4);
    await coordinator.cleanup();
  });

  it('is of no unit of work, where there is none', async () => {
    const coordinator = coordinatorOf({ max: 1 });
    const lease = await coordinator.acquire('session', { tenant: 'acme' });
    expect(heard.loans).toEqual([{ owner: 'anonymous', tenant: 'acme', unit: undefined }]);
    await lease.invalidate();
    expect(heard.told).toEqual(['began anonymous', 'ended']);
    await coordinator.cleanup();
  });

  it('is the end, too, of what is taken back at the end', async () => {
    const coordinator = coordinatorOf({ max: 1 });
    await coordinator.acquire('session');
    await coordinator.cleanup({ deadline: 0 });
    expect(heard.told).toEqual(['began anonymous', 'ended']);
  });

  it('is nothing where a mock has something under any name', () => {
    const mock: object = new Proxy({}, { get: () => () => undefined });
    expect(loanHooksOf(mock)).toBeUndefined();
    const hostile: object = new Proxy(
      {},
      {
        get: () => {
          throw new Error('hostile');
        },
      },
    );
    expect(loanHooksOf(hostile)).toBeUndefined();
  });
});
