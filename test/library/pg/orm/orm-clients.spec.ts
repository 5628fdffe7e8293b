import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type CoordinatorEvent, ResourceCoordinator } from 'nestjs-resources';
import { pgResource } from 'nestjs-resources/pg';
import type { Pool } from 'pg';
import { Postgres } from '../../../application/postgres.fixture.js';
import { eventually } from '../../../eventually.fixture.js';
import { KINDS } from './clients.fixture.js';
import { type OrmClient, ORM_TABLE } from './clients/orm-client.fixture.js';

let postgres: Postgres;
let coordinator: ResourceCoordinator;
let events: CoordinatorEvent[];

beforeAll(async () => {
  postgres = await Postgres.start();
  await postgres.query(ORM_TABLE);
});

afterAll(() => postgres.stop());

function open(max: number, options: { leaks?: { warnAfter: string } } = {}): Pool {
  const connection = { connectionString: postgres.url, application_name: 'orders' };
  const pg = pgResource({ connection, pool: { max, acquireTimeout: '15s', ...options } });
  coordinator = new ResourceCoordinator({ resources: { pg }, drainTimeout: '10s' });
  events = [];
  coordinator.events$.subscribe((event) => events.push(event));
  return coordinator.pgPool('pg');
}

const written = async (client: string): Promise<number[]> =>
  (
    await postgres.query<{ value: number }>(
      `SELECT value FROM written WHERE client = '${client}' ORDER BY value`,
    )
  ).map(({ value }) => value);

/** What an error and its causes say: libraries wrap what their driver throws. */
function told(error: unknown): string {
  return error instanceof Error
    ? `${error.message}
${told(error.cause)}`
    : '';
}

describe.each(KINDS)('$name on a pool of ours', ({ name, open: connect, forget }) => {
  let client: OrmClient;

  beforeEach(async () => {
    client = await connect(open(3));
  });

  afterEach(async () => {
    await client.close();
    await coordinator.cleanup();
    await postgres.query('TRUNCATE written');
  });

  afterAll(() => forget?.());

  it('commits what a transaction has done', async () => {
    await client.insert(1);
    await expect(
      client.transaction(async (transaction) => {
        await transaction.insert(2);
        return 'done';
      }),
    ).resolves.toBe('done');
    await expect(written(name)).resolves.toEqual([1, 2]);
    expect(coordinator.leases()).toEqual([]);
  });

  it('rolls back what a transaction has done that throws', async () => {
    const failed = client.transaction(async (transaction) => {
      await transaction.insert(1);
      throw new Error('changed my mind');
    });
    await expect(failed).rejects.toThrow('changed my mind');
    await expect(written(name)).resolves.toEqual([]);
    expect(coordinator.leases()).toEqual([]);
  });

  it('rolls back only the nested transaction that fails', async () => {
    await client.transaction(async (transaction) => {
      await transaction.insert(1);
      const failed = transaction.nested(async (inner) => {
        await inner.insert(2);
        throw new Error('not this one');
      });
      await expect(failed).rejects.toThrow('not this one');
      await transaction.nested((inner) => inner.insert(3));
    });
    await expect(written(name)).resolves.toEqual([1, 3]);
  });

  it('gives a transaction the isolation and the access that it asks for', async () => {
    const show = await client.transaction(
      async (transaction) => [
        await transaction.run('SHOW transaction_isolation'),
        await transaction.run('SHOW transaction_read_only'),
      ],
      { isolation: 'serializable', readOnly: true },
    );
    expect(show).toEqual([[{ transaction_isolation: 'serializable' }], [{ transaction_read_only: 'on' }]]);
  });

  it('serves 30 callers with 3 sessions at most', async () => {
    const values = Array.from({ length: 30 }, (_, index) => index);
    await coordinator.run(() =>
      Promise.all(
        values.map((value) =>
          value % 2 === 0 ? client.insert(value) : client.transaction((inner) => inner.insert(value)),
        ),
      ),
    );
    await expect(written(name)).resolves.toEqual(values);
    expect((await postgres.sessions()).length).toBeLessThanOrEqual(3); // the last may come too late to be of use
    expect(coordinator.leases()).toEqual([]);
  });

  it('fails the work whose session dies, and serves the next from another', async () => {
    const failed = client.transaction(async (transaction) => {
      await transaction.insert(1);
      await postgres.terminateSessions();
      await transaction.insert(2);
    });
    await expect(failed).rejects.toThrow();
    await client.insert(3);
    await expect(written(name)).resolves.toEqual([3]);
    expect(coordinator.leases()).toEqual([]);
  });

  it('tells who has taken a session and forgotten it, and takes it back with the scope', async () => {
    await client.close();
    await coordinator.cleanup();
    client = await connect(open(3, { leaks: { warnAfter: '1ms' } }));
    let kept: unknown;
    await coordinator.run(
      async () => {
        kept = await client.leak();
        expect(coordinator.leases()).toMatchObject([{ type: 'pg', owner: 'OrdersController.find (run)' }]);
        await eventually(() =>
          expect(events).toContainEqual(
            expect.objectContaining({ kind: 'leakSuspected', owner: 'OrdersController.find (run)' }),
          ),
        );
      },
      { owner: 'OrdersController.find' },
    );
    expect(kept).toBeDefined();
    await eventually(() => expect(coordinator.leases()).toEqual([]));
    await expect(client.run('SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
  });

  it('finishes the work that had begun when the shutdown comes, and refuses what begins later', async () => {
    let end: Promise<unknown> | undefined;
    await coordinator.run(() =>
      client.transaction(async (transaction) => {
        await transaction.insert(1);
        end = coordinator.cleanup();
        await transaction.insert(2);
      }),
    );
    await end;
    expect(told(await client.insert(3).catch((error: unknown) => error))).toContain('is shutting down');
    await expect(written(name)).resolves.toEqual([1, 2]);
    await expect(postgres.sessions()).resolves.toEqual([]);
  });
});

const STREAMING = KINDS.filter(({ streams }) => streams === true);

describe.each(STREAMING)('$name on a pool of ours, where it reads piece by piece,', ({ open: connect }) => {
  let client: OrmClient;
  const stream = (count: number): AsyncIterable<number> => {
    if (client.stream === undefined) throw new Error('it does not');
    return client.stream(count);
  };

  beforeEach(async () => {
    client = await connect(open(3));
  });

  afterEach(async () => {
    await client.close();
    await coordinator.cleanup();
  });

  it('lets go of the session when nobody reads on', async () => {
    const seen: number[] = [];
    for await (const n of stream(25)) seen.push(n);
    expect(seen).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
    for await (const n of stream(1_000)) if (n === 10) break;
    await eventually(() => expect(coordinator.leases()).toEqual([]));
    await expect(client.run('SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
  });

  it('fails when the session dies that it is read from', async () => {
    const read = async (): Promise<void> => {
      for await (const n of stream(1_000)) if (n === 10) await postgres.terminateSessions();
    };
    await expect(read()).rejects.toThrow();
    await expect(client.run('SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
    expect(coordinator.leases()).toEqual([]);
  });
});
