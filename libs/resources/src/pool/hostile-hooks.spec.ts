import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { HOSTILE_ROWS } from '../words/hostile-values.fixture.js';
import { settle, VirtualClock } from '../time/virtual-clock.fixture.js';
import { Outcome } from './deferred.fixture.js';
import { type PoolOptions, ResourceCreationError, type ResourceFactory, ResourcePool } from './index.js';

const ONE_TRY = { retry: { attempts: 1 }, breaker: { failures: Infinity } };

interface Session {
  id: number;
}

/** A pool of one place whose factory does as told. */
function poolOf(
  hooks: Partial<ResourceFactory<Session>>,
  options: PoolOptions = {},
): { pool: ResourcePool<Session>; clock: VirtualClock } {
  let made = 0;
  const clock = new VirtualClock();
  const pool = new ResourcePool<Session>(
    { create: () => ({ id: ++made }), ...hooks },
    { type: 'session', max: 1, clock, creation: ONE_TRY, ...options },
  );
  return { pool, clock };
}

/** Whatever happened: its place is free, and it serves the next caller. */
async function expectWell(pool: ResourcePool<Session>, clock: VirtualClock): Promise<void> {
  const next = new Outcome(pool.acquire());
  await clock.advance(20_000);
  expect(next.state).toBe('fulfilled');
  await next.value?.release();
  await settle();
  expect(pool.stats).toMatchObject({ leased: 0, creating: 0, destroying: 0, pending: 0 });
  const closed = new Outcome(pool.close());
  await clock.advance(20_000);
  expect(closed.value).toMatchObject({ clean: true });
}

function expectPrintable(error: unknown): void {
  expect(error).toBeInstanceOf(Error);
  expect((error as Error).message.length).toBeLessThan(1_500);
  expect(inspect(error).length).toBeLessThan(200_000);
  expect(typeof JSON.stringify(error)).toBe('string');
}

let warned: jest.SpiedFunction<typeof process.emitWarning>;

beforeEach(() => {
  warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
});
afterEach(() => {
  warned.mockRestore();
});

describe.each(HOSTILE_ROWS)('a pool survives %s', (_, make) => {
  const fail = (): never => {
    throw make();
  };
  const reject = (): Promise<never> => Promise.reject(make());

  it.each([
    ['at once', fail],
    ['later', reject],
  ])('thrown by create %s', async (_when, create) => {
    let failing = true;
    let made = 0;
    const { pool, clock } = poolOf({ create: () => (failing ? create() : { id: ++made }) });
    const asked = new Outcome(pool.acquire({ owner: 'Orders.find' }));
    const warm = new Outcome(pool.warmUp());
    await clock.advance(10);
    expect(asked.error).toBeInstanceOf(ResourceCreationError);
    expect(asked.error).toMatchObject({ owner: 'Orders.find' });
    expectPrintable(asked.error);
    expect(warm.state).toBe('fulfilled');
    expect(pool.stats.creating).toBe(0);
    expectPrintable(pool.lastCreationError);
    expect(pool.lastCreationError).toMatchObject({ owner: undefined });
    failing = false;
    await expectWell(pool, clock);
  });

  it('thrown by create while it closes', async () => {
    const { pool, clock } = poolOf({
      create: ({ signal }) =>
        new Promise((_resolve, no) => signal.addEventListener('abort', () => no(make()))),
    });
    const asked = new Outcome(pool.acquire());
    await settle();
    const closed = new Outcome(pool.close({ deadline: 0 }));
    await clock.advance(10);
    expect([asked.state, closed.state]).toEqual(['rejected', 'fulfilled']);
  });

  it.each([
    ['at once', fail],
    ['later', reject],
  ])('thrown by validate, reset and destroy %s', async (_when, hook) => {
    let healthy = false;
    const well = <R>(answer: R): R | Promise<never> => (healthy ? answer : hook());
    const { pool, clock } = poolOf(
      { validate: () => well(true), reset: () => well(undefined), destroy: () => well(undefined) },
      { validation: { aliveBypass: 0, onReturn: true } },
    );
    for (let loan = 0; loan < 3; loan++) {
      const lease = await pool.acquire();
      await lease.release();
      await settle();
      expect(pool.stats).toMatchObject({ size: 0, leased: 0, destroying: 0 });
    }
    healthy = true;
    await expectWell(pool, clock);
  });

  it('returned by validate, reset and destroy', async () => {
    const { pool, clock } = poolOf(
      { validate: () => make() as boolean, reset: make, destroy: make },
      { validation: { onBorrow: false, onReturn: true } },
    );
    const lease = await pool.acquire();
    await lease.release();
    await settle();
    expect(pool.stats).toMatchObject({ size: 0, leased: 0, destroying: 0 });
    await expectWell(pool, clock);
  });

  it('thrown and returned by the predicate, and by isFatal', async () => {
    for (const hook of [fail, reject, make]) {
      const answer = hook as () => boolean;
      const { pool, clock } = poolOf(
        {},
        { retirement: { predicate: answer }, validation: { isFatal: answer }, idleTimeout: '1m' },
      );
      const thrown = make();
      const used = new Outcome(
        pool.use(() => {
          throw thrown;
        }),
      );
      await clock.advance(2_000);
      expect([used.state, Object.is(used.error, thrown)]).toEqual(['rejected', true]);
      expect(pool.stats.leased).toBe(0);
      await expectWell(pool, clock);
    }
  });

  it('thrown by every listener, at once and later', async () => {
    const { pool, clock } = poolOf({ destroy: fail });
    pool.observe(fail);
    // oxlint-disable-next-line typescript/no-misused-promises -- a listener that should not be asynchronous is what is tested
    pool.observe(reject);
    const lease = await pool.acquire();
    await lease.invalidate();
    await expectWell(pool, clock);
    expect(warned.mock.calls.length).toBeGreaterThan(5);
  });

  it('as what a lease is invalidated with, or a resource is retired with', async () => {
    let retire: (cause?: unknown) => void = () => undefined;
    let made = 0;
    const { pool, clock } = poolOf({
      create: (context) => {
        ({ retire } = context);
        return { id: ++made };
      },
    });
    await (await pool.acquire()).invalidate(make());
    const lease = await pool.acquire();
    retire(make());
    await lease.release();
    await (await pool.acquire()).release();
    retire(make());
    retire(make());
    await settle();
    await expectWell(pool, clock);
    retire(make());
  });

  it('as what a creation policy throws', async () => {
    let failing = true;
    const policy = {
      execute: async <R>(create: (context: { signal: AbortSignal }) => PromiseLike<R> | R): Promise<R> =>
        failing ? reject() : await create({ signal: new AbortController().signal }),
    };
    const { pool, clock } = poolOf({}, { creation: { policy } });
    const asked = new Outcome(pool.acquire());
    await clock.advance(10);
    expectPrintable(asked.error);
    failing = false;
    await expectWell(pool, clock);
  });

  it('as the reason of an abort', async () => {
    const { pool, clock } = poolOf({});
    const lease = await pool.acquire();
    const controller = new AbortController();
    const [waiting, late] = [
      new Outcome(pool.acquire({ signal: controller.signal })),
      new Outcome(settle().then(() => pool.acquire({ signal: controller.signal }))),
    ];
    controller.abort(make());
    await settle();
    for (const { error } of [waiting, late]) expectPrintable(error);
    await lease.release();
    await expectWell(pool, clock);
  });
});
