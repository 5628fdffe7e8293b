import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type PoolOptions, type ReconfigureOptions, ResourceCoordinator } from 'nestjs-resources';
import type { Client } from 'pg';
import { Postgres } from '../../application/postgres.fixture.js';
import { eventually } from '../../eventually.fixture.js';
import { Callers } from './callers.fixture.js';
import { type Login, RoleSessions } from './role-sessions.fixture.js';

const SESSIONS = 10;
const CALLERS = 200;
const BEFORE: Login = { user: 'rotor', password: 'before' };
const AFTER: Login = { user: 'rotor', password: 'after' };

describe("a role's password that is rotated under load", () => {
  let postgres: Postgres;
  let sessions: RoleSessions;
  let coordinator: ResourceCoordinator;
  let callers: Callers;

  beforeAll(async () => {
    postgres = await Postgres.start();
    await postgres.query('CREATE TABLE stock (pieces int)');
    await postgres.query('INSERT INTO stock VALUES (1), (2)');
  });

  beforeEach(() => {
    sessions = new RoleSessions(postgres);
  });

  afterEach(async () => {
    await callers.stop();
    const report = await coordinator.cleanup();
    expect(report).toMatchObject({ clean: true, held: [] });
    expect([sessions.open, sessions.endedTwice]).toEqual([0, 0]);
    await eventually(async () => expect(await sessions.atServer()).toEqual({}));
    await postgres.query('DROP OWNED BY rotor');
    await postgres.query('DROP ROLE rotor');
  });

  afterAll(() => postgres.stop());

  /** @param login of the factory; without it, the pool reads its credentials */
  async function start(login?: Login, pool: PoolOptions = {}): Promise<void> {
    await sessions.addRole(BEFORE);
    const resources = {
      pg: {
        ...sessions.factory(login),
        pool: { max: SESSIONS, acquireTimeout: '20s', ...pool },
      },
    };
    coordinator = new ResourceCoordinator({ resources });
    callers = new Callers(coordinator, CALLERS);
    await callers.more(500);
    expect(sessions.peak).toBe(SESSIONS);
  }

  const rotate = (login: Login, options: ReconfigureOptions<Client>) =>
    coordinator.reconfigure('pg', { factory: sessions.factory(login) }, options);

  it.each([0, 2])('fails no request, and is never above max and an overlap of %i', async (overlap) => {
    await start(BEFORE);
    await sessions.setPassword(AFTER);
    const report = await rotate(AFTER, { overlap, bake: 300, drain: { spread: 200, deadline: '10s' } });
    expect(report).toEqual({ type: 'pg', version: 2, outcome: 'applied', duration: expect.any(Number) });
    await callers.more(500);
    expect(callers.failures).toEqual([]);
    expect(sessions.peak).toBeLessThanOrEqual(SESSIONS + overlap);
    expect(coordinator.stats().pools['pg']).toMatchObject({ max: SESSIONS, timeouts: 0, failing: undefined });
    await eventually(() => expect(sessions.open).toBe(SESSIONS));
  });

  it('to which the application gets a wrong one is taken back by itself, and fails no request', async () => {
    await start(BEFORE);
    await sessions.setPassword(AFTER);
    const report = await rotate({ ...AFTER, password: 'wrong' }, { bake: '1m' });
    expect(report).toMatchObject({ outcome: 'rolledBack', cause: { code: '28P01' } });
    await callers.more(2_000);
    expect(callers.failures).toEqual([]);
    // Of these nothing can be made anew: all but the one that made room for the canary are still there.
    expect(await sessions.atServer()).toEqual({ rotor: SESSIONS - 1 });
    const again = await rotate(AFTER, { drain: { spread: 100 } });
    expect(again).toMatchObject({ version: 3, outcome: 'applied' });
    await callers.more(500);
    expect(callers.failures).toEqual([]);
    expect(sessions.peak).toBeLessThanOrEqual(SESSIONS);
  });

  it('whose generation can open no more sessions after the switch is taken back during its bake, and fails no request', async () => {
    const narrow: Login = { user: 'narrow', password: 'narrow' };
    await start(BEFORE);
    await sessions.addRole(narrow, 1);
    const report = await rotate(narrow, { overlap: 5, bake: '1m' });
    expect(report).toMatchObject({ outcome: 'rolledBack', cause: { code: '53300' } });
    await callers.more(500);
    expect(callers.failures).toEqual([]);
    expect(sessions.peak).toBeLessThanOrEqual(SESSIONS + 5);
    await eventually(async () => expect(await sessions.atServer()).toEqual({ rotor: SESSIONS }));
    await postgres.query('DROP OWNED BY narrow');
    await postgres.query('DROP ROLE narrow');
  });

  it('whose generation turns bad after the switch is taken back by what its work throws', async () => {
    const denied: Login = { user: 'denied', password: 'denied' };
    await start(BEFORE);
    await sessions.addRole(denied);
    const changing = rotate(denied, {
      overlap: 2,
      bake: '1m',
      abortIf: ({ acquired, errorRate }) => acquired > 10 && errorRate > 0.2,
    });
    await eventually(async () => expect(await sessions.atServer()).toHaveProperty('denied'));
    await callers.more(200);
    expect(callers.failures).toEqual([]);
    await postgres.query('REVOKE SELECT ON stock FROM denied');
    const report = await changing;
    expect(report).toMatchObject({ outcome: 'rolledBack', cause: { check: 'abortIf' } });
    await eventually(async () => expect(await sessions.atServer()).toEqual({ rotor: SESSIONS }));
    const { length } = callers.failures;
    await callers.more(500);
    expect(callers.failures).toHaveLength(length);
    for (const failure of callers.failures) expect(failure).toMatchObject({ code: '42501' });
    await postgres.query('DROP ROLE denied');
  });

  it('that is read for each session needs no call at all, even where the store is late', async () => {
    let stored = BEFORE;
    let late = 0;
    const credentials = {
      secret: async () => {
        const read = stored;
        if (late > 0 && --late === 0) stored = AFTER;
        return read;
      },
      isAuthenticationError: (error: unknown) => (error as { code?: string }).code === '28P01',
    };
    await start(undefined, { maxUses: 20, credentials });
    await sessions.setPassword(AFTER);
    late = 1;
    await callers.more(1_000);
    expect([stored, late]).toEqual([AFTER, 0]);
    expect(callers.failures).toEqual([]);
    expect(sessions.peak).toBeLessThanOrEqual(SESSIONS);
  });
});
