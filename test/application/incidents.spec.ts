import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { AppProcess } from './app-process.fixture.js';
import { FaultProxy } from '../../bench/src/soak/fault-proxy.js';
import { eventually } from '../eventually.fixture.js';
import { HttpClient } from './http-client.fixture.js';
import { OrderStream } from './order-stream.fixture.js';
import { Postgres } from './postgres.fixture.js';

/** Milliseconds from the server's return to the first good answer. */
const RECOVERY = 2_000;
const MOST_LINES = 6;
const CONNECTIONS = 20;
const USER = 'shop';
const PASSWORD = 'right';

let postgres: Postgres;
let proxy: FaultProxy;
let app: AppProcess;
let orders: OrderStream;
/** What goes on. */
let incident: Incident | undefined;

interface Incident {
  name: string;
  /** Milliseconds for which it goes on. */
  lasts: number;
  begin(): Promise<unknown>;
  end(): Promise<unknown>;
  /** What `stats().troubles` has meanwhile. */
  trouble: object;
  /** What health says meanwhile, and in what words. */
  health: readonly [statuses: readonly number[], words: RegExp];
  /** What the log says; there may be other lines. */
  story: RegExp[];
}

/** The database as the application sees it. */
const urlThrough = ({ port }: FaultProxy): string => {
  const url = Object.assign(new URL(postgres.url), {
    hostname: '127.0.0.1',
    port,
    username: USER,
    password: PASSWORD,
  });
  return url.href;
};

const alter = (what: string) => (): Promise<unknown> => postgres.query(what);
/** The sessions that there are notice at once. */
const reload = (what: string) => async (): Promise<unknown> => {
  await postgres.query(what);
  return postgres.query('SELECT pg_reload_conf()');
};
/** The sessions that there are stay as they are until they are cut. */
const alterAndCut = (what: string) => async (): Promise<unknown> => {
  await postgres.query(what);
  return postgres.terminateSessions();
};

const INCIDENTS: Incident[] = [
  {
    name: 'killed',
    lasts: 3_000,
    begin: () => proxy.set({ kind: 'refuse' }),
    end: () => proxy.set({ kind: 'none' }),
    trouble: { kind: 'creationFailed', cause: expect.stringContaining('ECONNREFUSED') },
    health: [[503], /ECONNREFUSED/],
    story: [/creation fails: .*ECONNREFUSED/, /creation works again/],
  },
  {
    name: 'silent',
    lasts: 7_000,
    begin: () => proxy.set({ kind: 'stall' }),
    end: () => proxy.set({ kind: 'none' }),
    trouble: { kind: 'timeout' },
    // Once the breaker is open, what hangs is not alive any more.
    health: [[200, 503], /callers are waiting|cannot create/],
    story: [/callers time out while they wait/],
  },
  {
    name: 'read-only, as a failover leaves it',
    lasts: 3_000,
    begin: reload('ALTER SYSTEM SET default_transaction_read_only = on'),
    end: reload('ALTER SYSTEM RESET default_transaction_read_only'),
    trouble: { kind: 'workFailed', cause: expect.stringContaining('read-only transaction') },
    health: [[200], /"up"/],
    story: [/work that holds its resources fails: cannot execute INSERT in a read-only transaction/],
  },
  {
    name: 'out of slots',
    lasts: 3_000,
    begin: alterAndCut(`ALTER ROLE ${USER} CONNECTION LIMIT 0`),
    end: alter(`ALTER ROLE ${USER} CONNECTION LIMIT -1`),
    trouble: { kind: 'creationFailed', cause: expect.stringContaining('too many connections') },
    health: [[503], /too many connections/],
    story: [/creation fails: too many connections/, /creation works again/],
  },
  {
    name: 'wanting another password',
    lasts: 3_000,
    begin: alterAndCut(`ALTER ROLE ${USER} PASSWORD 'other'`),
    end: alter(`ALTER ROLE ${USER} PASSWORD '${PASSWORD}'`),
    trouble: { kind: 'creationFailed', cause: expect.stringContaining('password authentication failed') },
    health: [[503], /password authentication failed/],
    story: [/creation fails: password authentication failed/, /creation works again/],
  },
];

/** What the library has said in the log. */
const lines = (): string[] =>
  stripVTControlCharacters(app.stdout + app.stderr)
    .split('\n')
    .filter((line) => line.includes('[Resources]'));

const troubles = async (): Promise<unknown> => {
  const answer = await fetch(`${app.url}/resources`);
  return ((await answer.json()) as { troubles: unknown }).troubles;
};

beforeAll(async () => {
  postgres = await Postgres.start();
  await postgres.query(`CREATE ROLE ${USER} LOGIN PASSWORD '${PASSWORD}'`);
  await postgres.query(`GRANT ALL ON SCHEMA public TO ${USER}`);
  const { hostname, port } = new URL(postgres.url);
  proxy = await FaultProxy.start(hostname, Number(port));
});

afterAll(async () => {
  proxy.close();
  await postgres.stop();
});

beforeEach(async () => {
  app = await AppProcess.start({ DATABASE_URL: urlThrough(proxy), POOL_MAX: '10' });
  orders = new OrderStream(new HttpClient(app.url, CONNECTIONS), CONNECTIONS);
  await eventually(() => expect(orders.accepted.length).toBeGreaterThan(100));
});

afterEach(async () => {
  await incident?.end();
  await orders.stop();
  await app.stop();
});

describe('PostgreSQL under load', () => {
  it.each(INCIDENTS)(
    'is $name: the log tells it in a few lines, health and stats agree, and orders are taken within two seconds of its return',
    async (given) => {
      incident = given;
      const { lasts, begin, end, trouble, health, story } = given;
      const begun = performance.now();
      await begin();
      await eventually(async () => expect(await troubles()).toContainEqual(expect.objectContaining(trouble)));
      // A session that has been cut may be alive for a moment, as far as the application knows.
      await eventually(async () => {
        const ready = await fetch(`${app.url}/health/ready`);
        const answer = await ready.text();
        expect(health[0]).toContain(ready.status);
        expect(answer).toMatch(health[1]);
      });
      await delay(Math.max(0, begun + lasts - performance.now()));

      await end();
      const back = performance.now();
      const taken = orders.accepted.length;
      await eventually(() => expect(orders.accepted.length).toBeGreaterThan(taken));
      expect(performance.now() - back).toBeLessThan(RECOVERY);

      await eventually(() => {
        for (const part of story) expect(lines()).toContainEqual(expect.stringMatching(part));
      });
      expect(lines().length).toBeLessThanOrEqual(MOST_LINES);
      expect((await fetch(`${app.url}/health/ready`)).status).toBe(200);
    },
  );
});
