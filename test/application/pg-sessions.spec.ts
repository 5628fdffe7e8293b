import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { ResourceDefinition } from 'nestjs-resources';
import type { Client } from 'pg';
import { DatabaseUrl } from '../../src/database/database-url.js';
import { pgSessions } from '../../src/database/pg-sessions.js';
import { Settings } from '../../src/settings.js';
import { eventually } from '../eventually.fixture.js';
import { Postgres } from './postgres.fixture.js';

describe('the sessions of the application', () => {
  let postgres: Postgres;
  let factory: ResourceDefinition<Client>;

  beforeAll(async () => {
    postgres = await Postgres.start();
    factory = pgSessions(new DatabaseUrl(postgres.url), new Settings({}));
  });

  afterEach(() => postgres.terminateSessions());

  afterAll(() => postgres.stop());

  async function create(retire: (cause?: unknown) => void = () => undefined): Promise<Client> {
    return factory.create({ signal: new AbortController().signal, retire, key: '', secret: undefined });
  }

  async function destroy(client: Client): Promise<void> {
    await factory.destroy?.(client, { signal: new AbortController().signal });
  }

  it.each([0, 1, 2, 4, 8])(
    'leaves no session behind when creating it is aborted after %i turns',
    async (turns) => {
      const controller = new AbortController();
      const creation = factory.create({
        signal: controller.signal,
        retire: () => undefined,
        key: '',
        secret: undefined,
      });
      for (let turn = 0; turn < turns; turn += 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      controller.abort(new Error('nobody waits any more'));
      await expect(creation).rejects.toThrow();
      await eventually(async () => expect(await postgres.sessions()).toEqual([]));
    },
  );

  it('opens no session at all when it is aborted beforehand', async () => {
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(
      factory.create({ signal, retire: () => undefined, key: '', secret: undefined }),
    ).rejects.toThrow('too late');
  });

  it('retires a session that the server ends', async () => {
    const retire = jest.fn();
    const client = await create(retire);
    expect(retire).not.toHaveBeenCalled();
    await postgres.terminateSessions();
    await eventually(() => expect(retire).toHaveBeenCalled());
    await destroy(client);
  });

  it('finds that a session works, or that it does not', async () => {
    const client = await create();
    await expect(factory.validate?.(client)).resolves.toBe(true);
    await postgres.terminateSessions();
    await expect(factory.validate?.(client)).rejects.toThrow();
    await destroy(client);
  });

  it('resets a session: no transaction, settings, temporary tables, locks or subscriptions of the last owner', async () => {
    const client = await create();
    await client.query(`SET search_path TO nowhere; CREATE TEMP TABLE mine (id int); LISTEN news;
                        SELECT pg_advisory_lock(1)`);
    await client.query('BEGIN');
    await client.query('SELECT 1 / 0').catch(() => undefined);
    expect(client.getTransactionStatus()).not.toBe('I');

    await factory.reset?.(client);

    const { rows } = await client.query(`
      SELECT current_setting('search_path') AS path, to_regclass('pg_temp.mine') AS mine,
             (SELECT count(*)::int FROM pg_listening_channels()) AS channels,
             (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory') AS locks`);
    expect(rows).toEqual([{ path: '"$user", public', mine: null, channels: 0, locks: 0 }]);
    expect(client.getTransactionStatus()).toBe('I');
    await destroy(client);
  });

  it('resets who listens to the notifications of a session', async () => {
    const client = await create();
    client.on('notification', () => undefined);
    await factory.reset?.(client);
    expect(client.listenerCount('notification')).toBe(0);
    await destroy(client);
  });

  it.each(['SELECT 1', 'SELECT pg_sleep(30)'])(
    'has ended the session in the server when destroying it is over, after %s',
    async (query) => {
      const client = await create();
      const result = client.query(query).catch((error: Error) => error.message);
      await eventually(async () => expect(await postgres.sessions()).toMatchObject([{ query }]));
      await destroy(client);
      expect(await postgres.sessions()).toEqual([]);
      await result;
    },
  );
});
