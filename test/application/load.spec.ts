import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AppProcess } from './app-process.fixture.js';
import { eventually } from '../eventually.fixture.js';
import { HttpClient } from './http-client.fixture.js';
import { drive, type Outcome } from './mixed-load.fixture.js';
import { Postgres } from './postgres.fixture.js';
import { SessionCount } from './session-count.fixture.js';

const SESSIONS = 10;
const CONNECTIONS = 200;

describe.each([
  ['express', 20_000],
  ['fastify', 20_000],
])('%s under a load of %i requests', (adapter, requests) => {
  let postgres: Postgres;
  let app: AppProcess;
  let http: HttpClient;
  let outcomes: Outcome[];
  let peakSessions: number;

  beforeAll(async () => {
    postgres = await Postgres.start();
    app = await AppProcess.start({
      ADAPTER: adapter,
      DATABASE_URL: postgres.url,
      POOL_MAX: `${SESSIONS}`,
      REPORT_INTERVAL: '200',
    });
    http = new HttpClient(app.url, CONNECTIONS);
    const count = new SessionCount(postgres);
    outcomes = await drive(http, { requests, connections: CONNECTIONS });
    peakSessions = await count.stop();
  }, 600_000);

  afterAll(async () => {
    http.close();
    await app.stop();
    await postgres.stop();
  });

  it('aborts one in ten and lets one in twenty fail', () => {
    const count = (wanted: Outcome['kind']): number => outcomes.filter(({ kind }) => kind === wanted).length;
    expect(outcomes).toHaveLength(requests);
    expect(count('aborted')).toBe(requests / 10);
    expect(count('fail')).toBe(requests / 20);
  });

  it('answers every other request correctly', () => {
    expect(outcomes.filter(({ problem }) => problem !== undefined)).toEqual([]);
  });

  it('never has more sessions than the pool allows', () => {
    expect(peakSessions).toBe(SESSIONS);
  });

  it('has every session back afterwards', async () => {
    await eventually(async () => {
      const { pools, leases, scopes } = await app.resources();
      const { leased, pending, acquired, released } = pools.pg;
      expect({ leases, leased, pending, open: acquired - released }).toEqual({
        leases: [],
        leased: 0,
        pending: 0,
        open: 0,
      });
      expect(scopes).toBe(0);
    });
  });

  it('leaves no session in a transaction', async () => {
    await eventually(async () => {
      const states = new Set((await postgres.sessions()).map(({ state }) => state));
      expect(states).toEqual(new Set(['idle']));
    });
  });
});
