import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import type { ChangeInfo } from '../../reports/change-info.js';
import type { AdminTarget } from '../admin-target.js';
import { poolStats, restored, targetDouble } from '../admin-socket.fixture.js';
import { COMMAND_NAMES, type CommandName } from '../protocol.js';
import { targetOf } from '../target-of.js';
import { AdminCommands } from './admin-commands.js';

/** What is answered, as a client reads it. */
async function ask(target: Partial<AdminTarget>, command: CommandName, args: object = {}): Promise<unknown> {
  const commands = new AdminCommands(targetDouble(target));
  return JSON.parse(await commands.answer(JSON.stringify({ command, args }))) as unknown;
}

const change = (version: number, max: number, outcome: ChangeInfo['outcome'] = 'applied'): ChangeInfo => ({
  type: 'pg',
  version,
  kind: 'reconfigured',
  at: new Date('2026-11-28T03:00:00.000Z'),
  by: 'ada',
  outcome,
  duration: 3,
  what: [{ option: 'max', before: max - 1, after: max }],
});

const HISTORY = [change(1, 11), change(2, 12), change(3, 13, 'rolledBack')];

describe('status', () => {
  it('tells of pools, caches, leases and troubles, field by field', async () => {
    const since = new Date('2026-11-28T03:00:00.000Z');
    const { answer } = (await ask(
      {
        stats: () => ({
          phase: 'ready',
          phases: { pg: 'degraded' },
          pools: { pg: poolStats({ leased: 1, max: Infinity, failing: { cause: 'refused', since } }) },
          cachedResources: {},
          scopes: 1,
          troubles: [
            {
              source: 'pool',
              type: 'pg',
              kind: 'creationFailed',
              since,
              count: 3,
              cause: 'connect to postgresql://ada:hunter2@db/orders failed',
              owner: undefined,
              key: undefined,
            },
          ],
        }),
        leases: () => [
          {
            id: 'pg#1',
            type: 'pg',
            owner: 'Orders.find',
            acquiredAt: since,
            age: 7,
            stack: 'Error\n  at /srv/app',
          },
        ],
      },
      'status',
    )) as { answer: object };
    expect(answer).toEqual({
      phase: 'ready',
      types: [
        {
          type: 'pg',
          phase: 'degraded',
          leased: 1,
          idle: 0,
          creating: 0,
          pending: 0,
          size: 0,
          min: 0,
          max: 'Infinity',
          breaker: 'closed',
          failing: { cause: 'refused', since: since.toISOString() },
        },
      ],
      cachedTypes: [],
      scopes: 1,
      leased: 1,
      leases: [{ id: 'pg#1', type: 'pg', owner: 'Orders.find', age: 7 }],
      troubles: [
        {
          source: 'pool',
          type: 'pg',
          kind: 'creationFailed',
          since: since.toISOString(),
          count: 3,
          cause: 'connect to postgresql://***@db/orders failed',
        },
      ],
      drift: [],
    });
  });

  it('names the oldest 50 leases, and counts all', async () => {
    const lease = (age: number) => ({ id: `pg#${age}`, type: 'pg', owner: 'o', acquiredAt: new Date(), age });
    const leases = [...Array(5_000).keys()].map(lease);
    const { answer } = (await ask({ leases: () => leases }, 'status')) as {
      answer: { leased: number; leases: { age: number }[] };
    };
    expect(answer.leased).toBe(5_000);
    expect(answer.leases.map(({ age }) => age)).toEqual([...Array(50).keys()].map((n) => 4_999 - n));
  });

  it('has the drift', async () => {
    const what = [{ option: 'max', before: 10, after: 20 }];
    expect(await ask({ drift: () => ({ pg: what }) }, 'status')).toMatchObject({
      answer: { drift: [{ type: 'pg', what }] },
    });
  });

  it('takes no lease, and answers while all are on loan', async () => {
    const coordinator = new ResourceCoordinator({
      resources: { pg: { create: () => ({}), pool: { max: 1 } } },
    });
    const lease = await coordinator.acquire('pg', { owner: 'Orders.find' });
    const waiting = coordinator.acquire('pg');
    const answer = await new AdminCommands(targetOf(coordinator)).answer('{"command":"status"}');
    expect(JSON.parse(answer)).toMatchObject({
      answer: {
        types: [{ type: 'pg', leased: 1, pending: 1, max: 1 }],
        leased: 1,
        leases: [{ type: 'pg', owner: 'Orders.find' }],
      },
    });
    await lease.release();
    await (await waiting).release();
    await coordinator.cleanup();
  });
});

describe('drain', () => {
  it('drains a coordinator by the deadline, and tells who still held what', async () => {
    const coordinator = new ResourceCoordinator({ resources: { pg: { create: () => ({}) } } });
    await coordinator.acquire('pg', { owner: 'Orders.find' });
    const commands = new AdminCommands(targetOf(coordinator));
    const dry = JSON.parse(await commands.answer('{"command":"drain","args":{"dryRun":true}}')) as unknown;
    expect(dry).toMatchObject({ answer: { dryRun: true, leased: 1, held: [{ owner: 'Orders.find' }] } });
    expect(coordinator.draining).toBe(false);
    const done = JSON.parse(
      await commands.answer('{"command":"drain","args":{"deadline":"0ms"}}'),
    ) as unknown;
    expect(done).toMatchObject({
      answer: { dryRun: false, clean: false, leased: 1, held: [{ type: 'pg', owner: 'Orders.find' }] },
    });
    expect(coordinator.stats().pools).toEqual({});
  });

  it('takes the drain timeout of the application where no deadline is given', async () => {
    const asked: unknown[] = [];
    const report = { clean: true, held: [], duration: 1 };
    await ask({ drain: async (deadline) => (asked.push(deadline), report) }, 'drain');
    expect(asked).toEqual([undefined]);
  });

  it.each(['soon', '-1s', ''])('refuses the deadline %j, and drains nothing', async (deadline) => {
    const coordinator = new ResourceCoordinator();
    for (const dryRun of [false, true]) {
      const answer = await new AdminCommands(targetOf(coordinator)).answer(
        JSON.stringify({ command: 'drain', args: { deadline, dryRun } }),
      );
      expect(JSON.parse(answer)).toMatchObject({ failure: { code: 'refused' } });
    }
    expect(coordinator.draining).toBe(false);
    await coordinator.cleanup();
  });
});

describe('history', () => {
  const target = {
    history: (type: string) => {
      if (type !== 'pg' && type !== 'sftp') throw new InvalidOptionsError('type', 'is unknown.');
      return type === 'pg' ? HISTORY : [];
    },
    stats: () => ({
      ...targetDouble().stats(),
      pools: { pg: poolStats(), sftp: poolStats() },
    }),
  };

  it('is of one type, or of all', async () => {
    const changes = JSON.parse(
      JSON.stringify(HISTORY.map((each) => ({ ...each, type: undefined }))),
    ) as unknown;
    expect(await ask(target, 'history', { type: 'pg' })).toEqual({
      answer: { types: [{ type: 'pg', changes }] },
    });
    expect(await ask(target, 'history')).toEqual({
      answer: {
        types: [
          { type: 'pg', changes },
          { type: 'sftp', changes: [] },
        ],
      },
    });
  });

  it('refuses a type that is unknown', async () => {
    expect(await ask(target, 'history', { type: 'pq' })).toEqual({
      failure: { code: 'refused', message: '"type" is unknown.' },
    });
  });

  it('tells a cause as text, whatever it is, and nothing that it has not thought of', async () => {
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no');
        },
      },
    );
    const causes = [new Error('password=hunter2 is wrong'), hostile, undefined, 'why', 12n] as string[];
    const { answer } = (await ask(
      { history: () => causes.map((cause) => ({ ...change(1, 2), cause, credentials: 'hunter2' })) },
      'history',
      { type: 'pg' },
    )) as { answer: { types: { changes: { cause?: string }[] }[] } };
    const told = answer.types[0].changes.map(({ cause }) => cause);
    expect(told).toEqual(['password=*** is wrong', expect.any(String), undefined, 'why', '12n']);
    expect(JSON.stringify(answer)).not.toContain('hunter2');
  });
});

describe('backup', () => {
  it('is the document as it is, to the letter', async () => {
    const document = {
      at: 'postgresql://ada:***@db',
      text: 'password: x \u001b[31m\u2028',
      list: [1, null, { a: '' }],
    };
    const asked: boolean[] = [];
    const backup = async (values: boolean) => (asked.push(values), document);
    expect(await ask({ backup }, 'backup')).toEqual({ answer: document });
    await ask({ backup }, 'backup', { values: true });
    expect(asked).toEqual([false, true]);
  });
});

describe('diff', () => {
  const what = [{ option: 'max', before: 10, after: 20 }];

  it('is against the code, or against a document, which changes nothing', async () => {
    const asked: unknown[] = [];
    const target: Partial<AdminTarget> = {
      drift: () => ({ pg: what }),
      restore: async (...args) => {
        asked.push(args);
        const same = { type: 'sftp', what: [], outcome: 'unchanged' } as const;
        return { ...restored, types: [{ type: 'pg', what, outcome: 'planned' }, same] };
      },
    };
    const types = [{ type: 'pg', what }];
    expect(await ask(target, 'diff')).toEqual({ answer: { against: 'code', types } });
    expect(asked).toEqual([]);
    expect(await ask(target, 'diff', { document: { version: 1 } })).toEqual({
      answer: { against: 'document', types },
    });
    expect(asked).toEqual([[{ version: 1 }, { dryRun: true, by: undefined }]]);
  });
});

describe('restore', () => {
  it('hands over the document, and who claims it, and tells all of the report', async () => {
    const asked: unknown[] = [];
    const restore: AdminTarget['restore'] = async (...args) => {
      asked.push(args);
      return {
        ...restored,
        outcome: 'rolledBack',
        cause: 'ResourceCreationError',
        types: [{ type: 'pg', what: [], version: 3, outcome: 'rolledBack' }],
        untouched: ['sftp'],
      };
    };
    const answer = {
      outcome: 'rolledBack',
      types: [{ type: 'pg', what: [], version: 3, outcome: 'rolledBack' }],
      untouched: ['sftp'],
      values: { restored: 0, expired: 0 },
      cause: 'ResourceCreationError',
    };
    expect(await ask({ restore }, 'restore', { document: [1], by: 'ada' })).toEqual({
      answer: { dryRun: false, ...answer },
    });
    expect(await ask({ restore }, 'restore', { document: [1], dryRun: true })).toEqual({
      answer: { dryRun: true, ...answer },
    });
    expect(asked).toEqual([
      [[1], { dryRun: false, by: 'ada' }],
      [[1], { dryRun: true, by: undefined }],
    ]);
  });

  it('tells where the document is wrong', async () => {
    const restore = () => Promise.reject(new InvalidOptionsError('types.pg.pool.max', 'must be a number.'));
    expect(await ask({ restore }, 'restore', { document: {} })).toEqual({
      failure: { code: 'refused', message: '"types.pg.pool.max" must be a number.' },
    });
  });

  it('needs a document', async () => {
    const restore = () => Promise.reject(new Error('it was asked'));
    for (const document of [undefined, null])
      expect(await ask({ restore }, 'restore', { document })).toMatchObject({
        failure: { code: 'refused', message: '"restore.document" is missing.' },
      });
  });
});

describe('rollback', () => {
  const target: Partial<AdminTarget> = {
    rollback: async (type, version, by) => ({
      outcome: 'rolledBack',
      version: version ?? 1,
      cause: `${type} by ${by}`,
      what: [],
    }),
  };

  it('hands over the type, the version, and who claims it', async () => {
    expect(await ask(target, 'rollback', { type: 'pg', version: 1, by: 'ada' })).toEqual({
      answer: { dryRun: false, type: 'pg', outcome: 'rolledBack', version: 1, cause: 'pg by ada', what: [] },
    });
  });

  it('asks, dry, only what it would do', async () => {
    const what = [{ option: 'max', before: 12, after: 11 }];
    const rollback = () => Promise.reject(new Error('it was asked'));
    const planRollback = (_: string, version = 7) => ({ version, what });
    for (const version of [undefined, 2])
      expect(
        await ask({ rollback, planRollback }, 'rollback', { type: 'pg', version, dryRun: true }),
      ).toEqual({ answer: { dryRun: true, type: 'pg', restores: version ?? 7, what } });
  });

  it.each([
    {},
    { type: 7 },
    { type: 'pg', version: '1' },
    { type: 'pg', version: 1.5 },
    { type: 'pg', version: 0 },
    { type: 'pg', version: -1 },
  ])('refuses %j', async (args) => {
    for (const dryRun of [false, true])
      expect(await ask(target, 'rollback', { ...args, dryRun })).toMatchObject({
        failure: { code: 'refused' },
      });
  });
});

describe('a coordinator', () => {
  it('can all that the commands ask', async () => {
    const resources = { pg: { create: () => ({}), pool: { max: 10 } } };
    const coordinator = new ResourceCoordinator({ resources });
    const commands = new AdminCommands(targetOf(coordinator));
    const ask = async (command: string, args: object = {}): Promise<unknown> => {
      const { answer } = JSON.parse(await commands.answer(JSON.stringify({ command, args }))) as {
        answer?: unknown;
      };
      return answer;
    };
    const document = await ask('backup');
    await coordinator.reconfigure('pg', { max: 20 }, { by: 'ada' });
    const what = [{ option: 'max', before: 10, after: 20 }];
    expect(await ask('diff')).toEqual({ against: 'code', types: [{ type: 'pg', what }] });
    expect(await ask('history', { type: 'pg' })).toMatchObject({
      types: [
        {
          type: 'pg',
          changes: [
            { version: 1, kind: 'registered' },
            { version: 2, kind: 'reconfigured', by: 'ada', what },
          ],
        },
      ],
    });
    const back = [{ option: 'max', before: 20, after: 10 }];
    expect(await ask('diff', { document })).toEqual({
      against: 'document',
      types: [{ type: 'pg', what: back }],
    });
    expect(await ask('rollback', { type: 'pg', dryRun: true })).toEqual({
      dryRun: true,
      type: 'pg',
      restores: 1,
      what: back,
    });
    expect(await ask('rollback', { type: 'pg', by: 'grace' })).toMatchObject({
      outcome: 'applied',
      version: 3,
      what: back,
    });
    expect(await ask('history', { type: 'pg' })).toMatchObject({
      types: [{ changes: [{}, {}, { kind: 'rollback', restores: 1, by: 'grace' }] }],
    });
    await coordinator.reconfigure('pg', { max: 30 });
    expect(await ask('restore', { document })).toMatchObject({ outcome: 'applied' });
    expect(coordinator.pools.get('pg')?.options.max).toBe(10);
    await coordinator.cleanup();
  });

  describe('that is asked to go back', () => {
    let coordinator: ResourceCoordinator;
    const asked = async (command: CommandName, args: object): Promise<unknown> => {
      const commands = new AdminCommands(targetOf(coordinator));
      return JSON.parse(await commands.answer(JSON.stringify({ command, args }))) as unknown;
    };
    const rollback = (args: object): Promise<unknown> => asked('rollback', args);

    beforeEach(async () => {
      coordinator = new ResourceCoordinator({
        history: 2,
        resources: { pg: { create: () => ({}), pool: { max: 10 } } },
      });
    });

    afterEach(() => coordinator.cleanup());

    it.each([{ type: 'pq' }, { type: 'pg' }, { type: 'pg', version: 7 }, { type: '__proto__' }])(
      'refuses %j as well when it is only asked what it would do',
      async (args) => {
        const refused = await rollback(args);
        expect(refused).toMatchObject({ failure: { code: 'refused' } });
        expect(await rollback({ ...args, dryRun: true })).toEqual(refused);
      },
    );

    it('says that nothing would change, or has, where the version is in force', async () => {
      await coordinator.reconfigure('pg', { max: 20 });
      const answer = { type: 'pg', what: [] };
      expect(await rollback({ type: 'pg', version: 2, dryRun: true })).toMatchObject({ answer });
      expect(await rollback({ type: 'pg', version: 2 })).toMatchObject({
        answer: { ...answer, outcome: 'applied', version: 2 },
      });
    });

    it('would do what it then does, over changes that are not kept any more', async () => {
      for (const max of [20, 30, 40, 50]) await coordinator.reconfigure('pg', { max });
      for (const version of [1, undefined]) {
        const { answer } = (await rollback({ type: 'pg', version, dryRun: true })) as {
          answer: { what: unknown };
        };
        expect(answer.what).toHaveLength(1);
        expect(await rollback({ type: 'pg', version })).toMatchObject({ answer: { what: answer.what } });
      }
    });

    it('tells what could not be put in force without the secret that a driver quotes', async () => {
      const failing = { create: () => Promise.reject(new Error('refused sftp://ada:hunter2@host')) };
      coordinator.register('sftp', failing, {});
      const document = await coordinator.backup();
      await coordinator.reconfigure('sftp', { factory: { create: () => ({}) } }, { canary: { count: 0 } });
      const told = await asked('restore', { document });
      expect(told).toMatchObject({
        answer: {
          outcome: 'rolledBack',
          cause: expect.any(String),
          types: expect.arrayContaining([expect.objectContaining({ type: 'sftp' })]),
        },
      });
      expect(JSON.stringify(told)).not.toContain('hunter2');
    });
  });
});

describe('whatever an application throws', () => {
  const hostile = (): unknown[] => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const getter = Object.defineProperty(new Error('x'), 'message', {
      get() {
        throw new Error('no');
      },
    });
    return [
      new Error('plain'),
      'text',
      undefined,
      null,
      7n,
      Object.create(null),
      proxy,
      getter,
      new Error('\u001b[2J'),
    ];
  };

  it.each(hostile().map((thrown, index) => [index, thrown]))(
    '%i is answered, on one line',
    async (_, thrown) => {
      for (const fail of [
        () => {
          throw thrown;
        },
        () => Promise.reject(thrown),
      ]) {
        const answer = await new AdminCommands(targetDouble({ backup: fail })).answer('{"command":"backup"}');
        expect(JSON.parse(answer)).toEqual({ failure: { code: 'failed', message: expect.any(String) } });
        expect(answer).not.toMatch(/\p{Cc}/u);
      }
    },
  );

  it('or returns that is no JSON is a failure', async () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    const answers = [
      circle,
      {
        toJSON() {
          throw new Error('never');
        },
      },
    ];
    for (const answer of answers)
      expect(await ask({ backup: () => Promise.resolve(answer) }, 'backup')).toMatchObject({
        failure: { code: 'failed' },
      });
    expect(await ask({ backup: () => Promise.resolve(undefined) }, 'backup')).toEqual({ answer: null });
    expect(await ask({ backup: () => Promise.resolve({ a: 1n, b: NaN }) }, 'backup')).toEqual({
      answer: { a: '1', b: 'NaN' },
    });
  });
});

describe('what somebody wants to change', () => {
  it.each(COMMAND_NAMES)('is told to the log, of %s', async (command) => {
    const told: string[] = [];
    const commands = new AdminCommands(targetDouble(), (what) => told.push(what));
    const by = 'ada\n[Nest] LOG forged';
    await commands.answer(JSON.stringify({ command, args: { by } }));
    const isChange = ['restore', 'rollback', 'drain'].includes(command);
    expect(told).toEqual(isChange ? [`${command}, asked by ada\\n[Nest] LOG forged`] : []);
  });

  it('is told with nobody, where nobody says who it is, and of a dry run not at all', async () => {
    const told: string[] = [];
    const commands = new AdminCommands(targetDouble(), (what) => told.push(what));
    await commands.answer('{"command":"drain","args":{"dryRun":true}}');
    await commands.answer('{"command":"drain"}');
    expect(told).toEqual(['drain, asked by nobody who gave a name']);
  });
});
