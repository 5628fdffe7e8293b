import { describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../time/virtual-clock.fixture.js';
import { Witness, witnessed } from '../time/witness.fixture.js';
import { KeyedResourcePool } from './keyed/keyed-resource-pool.js';
import type { PoolOptions } from './pool-options.js';
import type { ResourceFactory } from './factory/resource-factory.js';
import { ResourcePool } from './resource-pool.js';
import type { ResourcePoolOptions } from './resource-pool-options.js';

class Wire {
  readonly listeners: (() => void)[] = [];
}

function witnessedFactory(witness: Witness): Required<Omit<ResourceFactory<Wire>, 'transactions'>> {
  return {
    create: async ({ signal }) => {
      signal.addEventListener('abort', () => witness.see('an aborted creation'));
      await witnessed(witness, 'create');
      const wire = new Wire();
      setImmediate(() => witness.see('an event of the resource'));
      return wire;
    },
    validate: async () => {
      await witnessed(witness, 'validate');
      return true;
    },
    reset: () => witnessed(witness, 'reset'),
    destroy: () => witnessed(witness, 'destroy'),
  };
}

function witnessedOptions(witness: Witness): PoolOptions {
  return {
    idleTimeout: '10s',
    validation: {
      aliveBypass: 0,
      onReturn: true,
      keepAlive: '2s',
      isFatal: () => {
        witness.see('isFatal');
        return false;
      },
    },
    retirement: {
      predicate: () => {
        witness.see('predicate');
        return false;
      },
    },
  };
}

const work = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const failing = (): never => {
  throw new Error('the query failed');
};

/** A pool whose every hook is witnessed, on the real clock unless another is given. */
function witnessedPool(witness: Witness, options: ResourcePoolOptions = {}): ResourcePool<Wire> {
  const random = (): number => {
    witness.see('random');
    return 0.5;
  };
  const pool = new ResourcePool(witnessedFactory(witness), {
    random,
    ...witnessedOptions(witness),
    ...options,
  });
  pool.observe(({ kind }) => witness.see(`event: ${kind}`));
  return pool;
}

const HOOKS = ['create', 'validate', 'reset', 'destroy'].flatMap((hook) => [hook, `${hook}, later`]);

describe('what a pool calls', () => {
  it('runs in the context of no request: every hook, decision and listener, also after its awaits', async () => {
    const witness = new Witness();
    const clock = new VirtualClock();
    const pool = witnessedPool(witness, { clock });
    await witness.request(async () => {
      await pool.use(work);
      await expect(pool.use(failing)).rejects.toThrow('the query failed');
      await clock.advance(30_000); // as when a request moves the clock: sweeps, keep-alives, idle time-outs
    });
    const decisions = ['predicate', 'isFatal', 'random', 'an event of the resource'];
    const events = ['created', 'acquired', 'released', 'retired', 'destroyed'].map(
      (kind) => `event: ${kind}`,
    );
    expect([...witness.seen]).toEqual(expect.arrayContaining([...HOOKS, ...decisions, ...events]));
    expect(witness.intruders).toEqual([]);
    await pool.close();
  });

  it('runs so for whoever causes it: waiting, broken, overdue, flushed, retired, closed', async () => {
    const witness = new Witness();
    const clock = new VirtualClock();
    const retiring: (() => void)[] = [];
    const factory = witnessedFactory(witness);
    const { create } = factory;
    factory.create = (context) => {
      retiring.push(() => context.retire(new Error('it died')));
      return create(context);
    };
    const pool = new ResourcePool(factory, {
      ...witnessedOptions(witness),
      max: 1,
      maxLeaseTime: '5s',
      clock,
    });
    pool.observe(({ kind }) => witness.see(`event: ${kind}`));
    await witness.request(async () => {
      const lease = await pool.acquire();
      const late = pool.acquire({ timeout: 100 }).catch(() => undefined);
      await clock.advance(200);
      await late;
      const next = pool.acquire();
      await lease.invalidate();
      await (await next).release();
      retiring.at(-1)?.();
      await pool.acquire();
      await clock.advance(20_000);
      await (await pool.acquire()).release();
      pool.reconfigure({ max: 2 }, factory);
      await pool.flush();
      await pool.close();
    });
    expect([...witness.seen]).toEqual(expect.arrayContaining([...HOOKS, 'event: timeout', 'event: leaked']));
    expect(witness.intruders).toEqual([]);
  });

  it('runs so when creation is retried, suspended, executed by a policy, and given up', async () => {
    const witness = new Witness();
    const clock = new VirtualClock();
    let tries = 0;
    const fails = {
      create: (): never => {
        witness.see(`try ${++tries}`);
        throw new Error('refused');
      },
    };
    const failing = new ResourcePool(fails, { clock, creation: { breaker: { failures: 3 } } });
    failing.observe(({ kind }) => witness.see(`event: ${kind}`));
    const byPolicy = witnessedPool(witness, {
      creation: {
        policy: { execute: async (fn, signal) => (witness.see('policy'), await fn({ signal: signal! })) },
      },
    });
    const hanging = new ResourcePool({
      create: ({ signal }) =>
        new Promise((_, reject) =>
          signal.addEventListener('abort', () => {
            witness.see('abort');
            reject(new Error('aborted'));
          }),
        ),
    });
    await witness.request(async () => {
      const refused = expect(failing.acquire({ timeout: '2s' })).rejects.toThrow();
      await clock.advance(5_000);
      await refused;
      await byPolicy.use(work);
      void hanging.acquire().catch(() => undefined);
      await hanging.close({ deadline: 0 });
    });
    const events = ['event: creationFailed', 'event: breakerOpened'];
    expect([...witness.seen]).toEqual(expect.arrayContaining(['try 3', ...events, 'policy', 'abort']));
    expect(witness.intruders).toEqual([]);
    await byPolicy.close();
  });

  it('runs so in the pools of keys, which a request opens', async () => {
    const witness = new Witness();
    const pool = new KeyedResourcePool(witnessedFactory(witness), { keyed: { maxKeys: 1 } });
    pool.observe(({ kind }) => witness.see(`event: ${kind}`));
    await witness.request(async () => {
      for (const key of ['acme', 'globex']) await pool.use(work, { key });
      await pool.close();
    });
    expect([...witness.seen]).toEqual(
      expect.arrayContaining(['create', 'reset', 'destroy', 'event: destroyed']),
    );
    expect(witness.intruders).toEqual([]);
  });
});

describe('the failed creation that a pool remembers', () => {
  it('belongs to nobody', async () => {
    const pool = new ResourcePool({ create: failing }, { creation: { retry: { attempts: 1 } } });
    await expect(pool.acquire({ owner: 'GET /orders' })).rejects.toMatchObject({ owner: 'GET /orders' });
    expect(pool.lastCreationError).toMatchObject({ owner: undefined });
    await pool.close();
  });
});
