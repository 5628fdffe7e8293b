import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { AcquireTimeoutError } from '../errors/acquire-timeout-error.js';
import { FAKES } from '../time/fake-timers.fixture.js';
import { realTime } from '../time/real-time.js';
import { settle } from '../time/virtual-clock.fixture.js';
import { ResourcePool } from './resource-pool.js';
import type { PoolOptions } from './pool-options.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

function poolOf(options: PoolOptions = {}): ResourcePool<object> {
  return new ResourcePool({ create: () => ({}) }, { max: 1, ...options });
}

/** Waits, and says what became of it. */
function wait(pool: ResourcePool<object>, timeout: number): { outcome: unknown; settled: Promise<void> } {
  const waiting = { outcome: undefined as unknown, settled: Promise.resolve() };
  const note = (outcome: unknown): void => void (waiting.outcome = outcome);
  waiting.settled = pool.acquire({ timeout }).then(note, note);
  return waiting;
}

describe.each(FAKES)('while a test has replaced the timers by %s', (_, fakes) => {
  afterEach(() => fakes.uninstall());

  it.each<[string, () => Promise<ResourcePool<object>>]>([
    [
      'before the pool is made',
      async () => {
        fakes.install();
        const pool = poolOf();
        await pool.acquire();
        return pool;
      },
    ],
    [
      'after the pool is made',
      async () => {
        const pool = poolOf();
        await pool.acquire();
        fakes.install();
        return pool;
      },
    ],
    [
      'again, after the pool has been used with those before',
      async () => {
        fakes.install();
        const pool = poolOf();
        await pool.acquire();
        await fakes.advance(MINUTE);
        fakes.uninstall();
        fakes.install();
        return pool;
      },
    ],
  ])('%s, a caller waits for as long as it may, and no longer', async (__, prepare) => {
    const pool = await prepare();
    const waiting = wait(pool, 2 * SECOND);
    await fakes.advance(2 * SECOND - 1);
    expect(waiting.outcome).toBeUndefined();
    await fakes.advance(1);
    await waiting.settled;
    expect(waiting.outcome).toBeInstanceOf(AcquireTimeoutError);
    await pool.close({ deadline: 0 });
  });

  it('within the turn in which the pool was made, a caller waits no longer than it may', async () => {
    const pool = poolOf();
    const creating = pool.acquire();
    fakes.install();
    await creating;
    const waiting = wait(pool, 2 * SECOND);
    const moved = fakes.advance(2 * SECOND);
    await waiting.settled;
    expect(waiting.outcome).toBeInstanceOf(AcquireTimeoutError);
    await moved;
    await pool.close({ deadline: 0 });
  });

  it('while a caller waits, it goes on in the time of the test from the next call on', async () => {
    const pool = poolOf();
    await pool.acquire();
    const waiting = wait(pool, MINUTE);
    await settle(); // the turn in which it began is over
    fakes.install();
    expect(pool.leases()[0].age).toBeGreaterThanOrEqual(0);
    await fakes.advance(MINUTE);
    await waiting.settled;
    expect(waiting.outcome).toBeInstanceOf(AcquireTimeoutError);
    await pool.close({ deadline: 0 });
  });

  it('while a caller waits, it waits no longer than it may in real time', async () => {
    const pool = poolOf();
    await pool.acquire();
    const waiting = wait(pool, 20);
    await settle(); // the turn in which it began is over
    fakes.install();
    await waiting.settled;
    expect(waiting.outcome).toBeInstanceOf(AcquireTimeoutError);
    await pool.close({ deadline: 0 });
  });

  it('until a caller waits, it waits on in real time', async () => {
    fakes.install();
    const pool = poolOf();
    await pool.acquire();
    const waiting = wait(pool, 50);
    await fakes.advance(20);
    fakes.uninstall();
    await waiting.settled;
    expect(waiting.outcome).toBeInstanceOf(AcquireTimeoutError);
    await pool.close({ deadline: 0 });
  });

  it('a resource that nobody uses retires in the time of the test', async () => {
    const pool = poolOf({ idleTimeout: MINUTE });
    fakes.install();
    await pool.use(() => undefined);
    expect(pool.stats.idle).toBe(1);
    await fakes.advance(2 * MINUTE);
    expect(pool.stats).toMatchObject({ size: 0, retired: expect.objectContaining({ idle: 1 }) });
    await pool.close({ deadline: 0 });
  });

  it('and took them away again, nothing has died of it', async () => {
    const pool = poolOf({ idleTimeout: MINUTE, maxLifetime: MINUTE });
    await pool.use(() => undefined);
    for (let i = 0; i < 3; i++) {
      fakes.install();
      await pool.use(() => undefined);
      fakes.uninstall();
      await pool.use(() => undefined);
    }
    expect(pool.stats).toMatchObject({ size: 1, created: 1 });
    await pool.close({ deadline: 0 });
  });

  it('a shutdown ends at its deadline', async () => {
    const pool = poolOf();
    await pool.acquire({ owner: 'forgetful' });
    fakes.install();
    const closing = pool.close({ deadline: SECOND });
    await fakes.advance(SECOND);
    expect(await closing).toMatchObject({ clean: false, held: [{ owner: 'forgetful' }] });
  });
});

describe('a date that a test sets', () => {
  afterEach(() => void jest.useRealTimers());

  it('is no sign that the machine was suspended', async () => {
    const validated: object[] = [];
    const validate = (resource: object): boolean => validated.push(resource) > 0;
    const pool = new ResourcePool({ create: () => ({}), validate }, { validation: { aliveBypass: '1h' } });
    jest.useFakeTimers();
    await pool.use(() => undefined);
    jest.setSystemTime(Date.now() + 365 * 24 * 60 * MINUTE);
    await pool.use(() => undefined);
    await jest.advanceTimersByTimeAsync(5 * SECOND);
    await pool.use(() => undefined);
    jest.useRealTimers();
    await pool.use(() => undefined);
    await realTime(1);
    expect(validated).toEqual([]);
    await pool.close();
  });
});
