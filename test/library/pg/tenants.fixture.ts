import type { Lease } from 'nestjs-resources/pool';
import type { Client } from 'pg';
import Cursor from 'pg-cursor';
import type { Postgres } from '../../application/postgres.fixture.js';

/** Makes orders of several tenants, of which a login sees those of its setting. @returns the URL of that login */
export async function tenantsSchema(postgres: Postgres): Promise<string> {
  await postgres.query(`
    CREATE TABLE orders (tenant text, number int);
    INSERT INTO orders VALUES ('acme', 1), ('beta', 2), ('gamma', 3);
    ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    CREATE POLICY own ON orders USING (tenant = nullif(current_setting('app.tenant', true), ''));
    CREATE ROLE shop LOGIN PASSWORD 'shop';
    GRANT SELECT, INSERT ON orders TO shop;
  `);
  const url = new URL(postgres.url);
  url.username = url.password = 'shop';
  return url.href;
}

interface BeginWay {
  readonly name: string;
  begin(client: Client): unknown;
}

const extended = (text: string): { text: string } => ({ text, queryMode: 'extended' }) as { text: string }; // not declared

/** Ways to begin a transaction, in the end with nothing else done. */
export const TENANT_WAYS: readonly BeginWay[] = [
  ...[
    'BEGIN',
    'begin',
    ' \n\t BeGiN   work ;',
    '-- a comment\nBEGIN',
    '/* /* nested */ BEGIN */ begin transaction;;',
    'START TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY',
    'begin isolation level serializable read only deferrable',
    `/*traceparent='${'0'.repeat(2_000)}'*/ BEGIN`,
    'BEGIN; SAVEPOINT a',
    'SELECT 1; BEGIN',
    'BEGIN; COMMIT; BEGIN',
    `DO 'BEGIN END'; START TRANSACTION; SELECT 'COMMIT'`,
  ].map((text): BeginWay => ({
    name: JSON.stringify(text.slice(0, 60)),
    begin: (client) => client.query(text),
  })),
  { name: 'the extended protocol', begin: (client) => client.query(extended('BEGIN')) },
  {
    name: 'the extended protocol, with a comment',
    begin: (client) => client.query(extended('/* */ START TRANSACTION')),
  },
  { name: 'a named statement', begin: (client) => client.query({ name: 'begin', text: 'BEGIN' }) },
  {
    name: 'a named statement, for the second time',
    async begin(client) {
      await client.query({ name: 'begin', text: 'BEGIN' });
      await client.query('ROLLBACK');
      await client.query({ name: 'begin', text: 'BEGIN' });
    },
  },
  {
    name: 'a callback',
    begin: (client) => new Promise((resolve) => client.query('BEGIN', resolve)),
  },
  {
    name: 'nobody who waits for it',
    begin: (client) => [client.query('BEGIN'), client.query('SELECT 1')].at(-1),
  },
  ...Object.entries({
    'COMMIT AND CHAIN': ['BEGIN', 'COMMIT AND CHAIN'],
    'ROLLBACK AND CHAIN after a failure': ['BEGIN', 'SELECT 1 / 0', '/* */ ROLLBACK WORK AND CHAIN'],
    'several statements, one of which chains': ['BEGIN', 'ROLLBACK AND CHAIN; SELECT 1'],
    'several statements that end one and begin the next': ['BEGIN', 'COMMIT; SELECT 1; BEGIN'],
    'BEGIN after one that the server has refused': ['BEGIN ISOLATION LEVEL MAGIC', 'BEGIN'],
    'BEGIN, where there is a transaction already': ['BEGIN', 'BEGIN'],
  }).map(([name, texts]): BeginWay => ({ name, begin: (client) => sendAll(client, texts) })),
  { name: 'a text sent past the client', begin: sentPast },
];

/** Sends one text after the other, whether they fail or not. */
async function sendAll(client: Client, texts: readonly string[]): Promise<void> {
  for (const text of texts) await client.query(text).catch(() => undefined);
}

async function sentPast(client: Client): Promise<void> {
  const query = {
    submit: (to: Client['connection']) => to.query('BEGIN'),
    handleCommandComplete: () => undefined,
  };
  await new Promise<void>((resolve, reject) => {
    client.query({ ...query, handleReadyForQuery: () => resolve(), handleError: reject } as never);
  });
}

type Leave = (client: Client, lease: Lease<Client>, postgres: Postgres) => unknown;

/** Ways in which a loan may end that has begun a transaction. */
export function wayOut(): [string, Leave][] {
  const begun =
    (work: Leave): Leave =>
    async (client, lease, postgres) => {
      await client.query('BEGIN');
      await client.query('SELECT FROM orders');
      await work(client, lease, postgres);
    };
  const sends = (...texts: string[]): Leave => begun((client) => sendAll(client, texts));
  return [
    ['COMMIT', sends('COMMIT')],
    ['ROLLBACK', sends('ROLLBACK')],
    ['nothing: it is left open', sends()],
    ['a failed statement', sends('SELECT 1 / 0')],
    ['a failed statement, and COMMIT', sends('SELECT 1 / 0', 'COMMIT')],
    ['a savepoint that is left open', sends('SAVEPOINT a', 'SAVEPOINT b', 'ROLLBACK TO a')],
    ['COMMIT AND CHAIN', sends('COMMIT AND CHAIN')],
    ['several statements in one query', sends('SELECT 1; COMMIT; BEGIN; SELECT 2')],
    ['a setting for the whole session', sends(`SET app.tenant TO 'acme'`, 'COMMIT')],
    ['set_config for the whole session', sends(`SELECT set_config('app.tenant', 'acme', false)`, 'COMMIT')],
    ['a cursor that is held', sends('DECLARE c CURSOR WITH HOLD FOR TABLE orders', 'COMMIT')],
    ['a cursor that is not', sends('DECLARE c CURSOR FOR TABLE orders', 'FETCH 1 FROM c')],
    ['a temporary table', sends('CREATE TEMP TABLE mine AS TABLE orders', 'COMMIT')],
    ['PREPARE TRANSACTION', sends(`PREPARE TRANSACTION 'mine'`)],
    ['DISCARD ALL', sends('COMMIT', 'DISCARD ALL')],
    [
      'a cursor of the client that is not read to its end',
      begun(async (client) => {
        const cursor = client.query(new Cursor('SELECT generate_series(1, 1000)'));
        await cursor.read(1);
      }),
    ],
    ['an unawaited COMMIT', begun((client) => void client.query('COMMIT'))],
    [
      'an unawaited statement',
      begun((client) => void client.query('SELECT pg_sleep(0.1)').catch(() => undefined)),
    ],
    ['an unawaited BEGIN', (client) => void client.query('BEGIN').catch(() => undefined)],
    ['unawaited statements', (client) => ['BEGIN', 'TABLE orders', 'COMMIT', 'BEGIN'].forEach((text) => void client.query(text).catch(() => undefined))], // prettier-ignore
    [
      'a statement that the client gave up waiting for',
      begun((client) =>
        client
          .query({ text: 'SELECT pg_sleep(0.2)', query_timeout: 20 } as { text: string })
          .catch(() => undefined),
      ),
    ],
    ['an error that is thrown', begun((_, lease) => lease.invalidate(new Error('unknown')))],
    [
      'the end of the session by the server',
      begun(async (client, _, postgres) => {
        const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        await postgres.query('SELECT pg_terminate_backend($1, 5000)', [rows[0].pid]);
      }),
    ],
    ['a hang-up', begun((client) => void client.connection.stream.destroy())],
    ['a hang-up beside a statement', begun((client) => {
      void client.query('SELECT pg_sleep(1)').catch(() => undefined);
      client.connection.stream.destroy();
    })], // prettier-ignore
  ];
}
