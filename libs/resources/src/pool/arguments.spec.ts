import { describe, expect, it } from '@jest/globals';
import { HOSTILE_ROWS } from '../words/hostile-values.fixture.js';
import { describeValue } from '../words/describe-value.js';
import { settle, VirtualClock } from '../time/virtual-clock.fixture.js';
import { never, Outcome } from './deferred.fixture.js';
import { AcquireAbortedError, InvalidOptionsError, KeyedResourcePool, ResourcePool } from './index.js';

const TRAP = new Proxy(
  {},
  {
    get: () => {
      throw new Error('a trap');
    },
  },
);

/** What an argument can't be, by the option that is named. */
const WRONG: [string, unknown][] = [
  ['options', null],
  ['options', 5],
  ['options', TRAP],
  ['signal', null],
  ['signal', {}],
  ['signal', { aborted: false }],
  ['signal', TRAP],
  ['signal', Object.create(AbortSignal.prototype)],
  ['signal', 'abort'],
  ['timeout', null],
  ['timeout', NaN],
  ['timeout', -1],
  ['timeout', 0],
  ['timeout', '5 parsecs'],
  ['timeout', {}],
  ['timeout', Symbol('soon')],
  ['owner', null],
  ['owner', 5],
  ['owner', Symbol('me')],
  ['owner', TRAP],
  ['tenant', null],
  ['tenant', {}],
  ['priority', NaN],
  ['priority', null],
  ['priority', -1],
  ['priority', '5'],
  ['priority', Symbol('high')],
];

function optionsOf(option: string, value: unknown): never {
  return (option === 'options' ? value : { key: 'acme', [option]: value }) as never;
}

const clock = new VirtualClock();
const pool = new ResourcePool({ create: () => ({}) }, { type: 'pg', clock });
const keyed = new KeyedResourcePool({ create: () => ({}) }, { type: 'pg', clock });
const work = (): void => {
  throw new Error('it must not run');
};

describe('an argument that can not work', () => {
  it.each(WRONG.map(([option, value]) => [`${option}: ${describeValue(value)}`, option, value] as const))(
    'rejects, and never throws at once: %s',
    async (_, option, value) => {
      const options = optionsOf(option, value);
      const asked = [
        pool.acquire(options),
        pool.use(work, options),
        keyed.acquire(options),
        keyed.use(work, options),
      ];
      for (const asking of asked) {
        const error: unknown = await asking.catch((error: unknown) => error);
        expect(error).toBeInstanceOf(InvalidOptionsError);
        expect(error).toMatchObject({ option, type: 'pg' });
      }
      expect(pool.stats).toMatchObject({ size: 0, pending: 0, acquired: 0 });
      expect(keyed.keys).toEqual([]);
    },
  );

  const wrongNames = WRONG.filter(([option]) => ['options', 'owner', 'tenant'].includes(option));
  it.each(
    wrongNames.map(([option, value]) => [`${option}: ${describeValue(value)}`, option, value] as const),
  )('is refused by tryAcquire(), which takes nothing: %s', async (_, option, value) => {
    const fresh = new ResourcePool({ create: () => ({}) }, { type: 'pg', clock, min: 1 });
    await fresh.warmUp();
    const tryAcquire = (): unknown => fresh.tryAcquire(optionsOf(option, value));
    expect(tryAcquire).toThrow(InvalidOptionsError);
    expect(tryAcquire).toThrow(expect.objectContaining({ option, type: 'pg' }));
    expect(fresh.stats).toMatchObject({ idle: 1, acquired: 0 });
  });

  it('is named with what it must be, and what it is', async () => {
    const asked = (options: object): Promise<unknown> =>
      pool.acquire(options).catch((error: Error) => error.message);
    expect(await asked({ owner: 5 })).toContain('"owner" must be a string; got 5.');
    expect(await asked({ tenant: 5 })).toContain('"tenant" must be a string; got 5.');
    await expect(pool.use(5 as never)).rejects.toThrow('"work" must be a function; got 5.');
    expect(() => new ResourcePool({ create: () => ({}) }, { type: '' })).toThrow(
      '"type" must be a non-empty string; got "".',
    );
  });

  it.each(HOSTILE_ROWS.filter(([name]) => name !== 'undefined'))('may be anything: %s', async (_, make) => {
    for (const option of ['signal', 'timeout', 'owner', 'tenant', 'priority', 'key']) {
      for (const one of [pool, keyed]) {
        const asked = one.acquire(optionsOf(option, make())).then(
          (lease) => lease.release(),
          (error: unknown) => expect(error).toBeInstanceOf(InvalidOptionsError),
        );
        await asked;
      }
    }
    for (const end of [pool, keyed]) {
      const drained = new Outcome(end.drain({ deadline: make() as never }));
      await settle();
      if (drained.state === 'rejected') expect(drained.error).toBeInstanceOf(InvalidOptionsError);
    }
  });

  it.each([null, 1, {}, 'work', undefined])(
    'refuses work that is none before it borrows: %p',
    async (none) => {
      const fresh = new ResourcePool({ create: () => ({}) }, { clock });
      await expect(fresh.use(none as never)).rejects.toMatchObject({ option: 'work' });
      expect(fresh.stats.acquired).toBe(0);
    },
  );

  it.each([Infinity, '30d', 30 * 86_400_000, '1ms'])('is no long time-out: %p', async (timeout) => {
    const fresh = new ResourcePool({ create: never }, { clock, creation: { timeout: Infinity } });
    const asked = new Outcome(fresh.acquire({ timeout }));
    await settle();
    expect(asked.state).toBe('pending');
    const closed = new Outcome(fresh.close({ deadline: 0 }));
    await clock.advance(6_000);
    expect([asked.state, closed.state]).toEqual(['rejected', 'fulfilled']);
  });
});

/** As a polyfill makes one: it has what is documented, and calls functions only. */
class ForeignSignal {
  aborted = false;
  reason: unknown = undefined;
  readonly listeners = new Set<() => void>();
  addEventListener(_: string, listener: () => void): void {
    this.listeners.add(listener);
  }
  removeEventListener(_: string, listener: () => void): void {
    this.listeners.delete(listener);
  }
  abort(reason: unknown): void {
    this.aborted = true;
    this.reason = reason;
    for (const listener of this.listeners) listener();
  }
}

describe("a polyfill's signal", () => {
  it('ends a wait, is told as the cause, and is listened to no longer than that', async () => {
    for (const one of [
      new ResourcePool({ create: () => ({}) }, { clock, max: 1 }),
      new KeyedResourcePool({ create: () => ({}) }, { clock, max: 1, keyed: { maxKeys: 1 } }),
    ]) {
      const lease = await one.acquire({ key: 'acme' });
      for (const key of ['acme', 'globex']) {
        const signal = new ForeignSignal();
        const asked = new Outcome(one.acquire({ key, signal } as never));
        await settle();
        expect([asked.state, signal.listeners.size]).toEqual(['pending', 1]);
        const reason = new Error('enough');
        signal.abort(reason);
        await settle();
        expect(asked.error).toBeInstanceOf(AcquireAbortedError);
        expect(asked.error).toMatchObject({ cause: reason });
        expect(signal.listeners.size).toBe(0);
      }
      await lease.release();
    }
  });

  it('leaves what else the caller asks for as it is', async () => {
    const fresh = new ResourcePool({ create: () => ({}) }, { clock, max: 1 });
    const lease = await fresh.acquire({ signal: new ForeignSignal() as never, owner: 'first' });
    expect(lease.owner).toBe('first');
    const asked = new Outcome(
      fresh.acquire({ signal: new ForeignSignal() as never, owner: 'second', timeout: 50 }),
    );
    await clock.advance(60);
    expect(asked.error).toMatchObject({ name: 'AcquireTimeoutError', owner: 'second' });
  });

  it('that is aborted already gets nothing', async () => {
    const signal = new ForeignSignal();
    signal.abort('over');
    const fresh = new ResourcePool({ create: () => ({}) }, { clock });
    await expect(fresh.acquire({ signal: signal as never })).rejects.toBeInstanceOf(AcquireAbortedError);
  });
});
