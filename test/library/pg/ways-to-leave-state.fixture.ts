import { type Client, Query, types } from 'pg';
import Cursor from 'pg-cursor';

/** Sends a text to a session, by one protocol or the other. */
export type Send = (text: string, values?: unknown[]) => Promise<unknown>;

/** What a borrower does, and leaves behind. */
export interface Way {
  readonly name: string;
  /** Whether only the session's end helps. */
  readonly ends?: true;
  /** What is sent, where that is one text and nothing else. */
  readonly text?: string;
  readonly leave: (client: Client, send: Send) => unknown;
}

/** Ways of one text that both protocols take. */
const TEXTS: Record<string, string> = {
  SET: `SET work_mem TO '7MB'`,
  'SET SESSION': `SET SESSION statement_timeout TO 12345`,
  'SET LOCAL outside of a transaction': `SET LOCAL work_mem TO '7MB'`,
  'SET of a reported setting': `SET TimeZone TO 'Asia/Tokyo'`,
  'SET between comments': `/* SELECT /* 1 */ */ -- SELECT\n SET work_mem = '7MB'`,
  'SET in odd letters': `sEt\t\n"work_mem" TO '7MB'`,
  'SET of a setting of ours': `SET app.tenant TO 'acme'`,
  'SET of a setting that begins like a keyword': `SET local.tenant TO 'acme'`,
  'SET search_path': `SET search_path TO pg_catalog`,
  'SET TIME ZONE': `SET TIME ZONE 'Asia/Tokyo'`,
  'SET SESSION CHARACTERISTICS': `SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY`,
  'SET plan_cache_mode': `SET plan_cache_mode TO force_generic_plan`,
  'SET session_replication_role': `SET session_replication_role TO replica`,
  'SET ROLE': `SET ROLE pg_monitor`,
  'SET SESSION AUTHORIZATION': `SET SESSION AUTHORIZATION pg_monitor`,
  RESET: `RESET ALL`,
  'set_config of the session': `SELECT set_config('work_mem', '7MB', false)`,
  'set_config with a name that is not in the text': `SELECT set_config(lower('WORK_MEM'), '7MB', false)`,
  'set_config that only looks local': `SELECT set_config('work_mem', '7MB', NOT true)`,
  'set_config by a quoted name': `SELECT "set_config"('work_mem', '7MB', false)`,
  'set_config in Unicode escapes': `SELECT U&"set\\005fconfig"('work_mem', '7MB', false)`,
  'set_config with its schema': `SELECT pg_catalog . set_config ( 'work_mem', '7MB', false )`,
  'set_config in a subquery': `SELECT 1 WHERE (SELECT set_config('work_mem', '7MB', false)) IS NOT NULL`,
  'UPDATE pg_settings': `UPDATE pg_settings SET setting = 7000 WHERE name = 'work_mem'`,
  LISTEN: `LISTEN news`,
  UNLISTEN: `UNLISTEN *`,
  PREPARE: `PREPARE statement AS SELECT 1`,
  DEALLOCATE: `DEALLOCATE ALL`,
  'DECLARE WITH HOLD': `DECLARE c CURSOR WITH HOLD FOR SELECT 1`,
  'CREATE TEMP TABLE': `CREATE TEMP TABLE mine (id int)`,
  'CREATE TEMP TABLE AS': `CREATE LOCAL TEMPORARY TABLE mine AS SELECT 1 AS id`,
  'CREATE TABLE in pg_temp': `CREATE TABLE pg_temp.mine (id int)`,
  'CREATE TEMP VIEW': `CREATE OR REPLACE TEMP VIEW mine AS SELECT 1 AS id`,
  'CREATE TEMP SEQUENCE': `CREATE TEMP SEQUENCE mine`,
  'SELECT INTO TEMP': `SELECT 1 AS id INTO TEMP mine`,
  'SELECT INTO TEMP after a name like INSERT': `SELECT (1) AS insert INTO TEMP mine`,
  'SELECT INTO pg_temp': `WITH x AS (SELECT 1 AS id) SELECT * INTO pg_temp.mine FROM x`,
  'set_config between dollars that only the server reads as the same': `SELECT $\ud800$ a $\udc00$, set_config('work_mem', '7MB', false), $\udc00$ b $\ud800$`,
  nextval: `SELECT nextval('numbers')`,
  'a serial column': `INSERT INTO rows (a) VALUES (1)`,
  'a serial column by a trigger': `UPDATE touched SET a = 2`,
  pg_advisory_lock: `SELECT pg_advisory_lock(1)`,
  pg_try_advisory_lock: `SELECT pg_try_advisory_lock_shared(1, 2)`,
  'a function that locks': `SELECT locks()`,
  'a function that sets': `SELECT sets()`,
  'a function that listens': `SELECT does('LISTEN news')`,
  'a function that prepares': `SELECT does('PREPARE statement AS SELECT 1')`,
  'a function that takes a role': `SELECT does('SET ROLE pg_monitor')`,
  'a function that makes a temporary table': `SELECT does('CREATE TEMP TABLE mine (id int)')`,
  'a function that declares a cursor': `SELECT declares()`,
  'a function that seeds': `SELECT seeds()`,
  'a text that is run by a function': `SELECT query_to_xml('SELECT set_config(''work_mem'', ''7MB'', false)', true, true, '')`,
  DO: `DO $$ BEGIN SET work_mem TO '7MB'; END $$`,
  'DO with a text in pieces': `DO $do$ BEGIN EXECUTE 'SELECT set' || 'seed(0.5)'; END $do$`,
  CALL: `CALL sets_in_procedure()`,
  'EXPLAIN ANALYZE': `EXPLAIN ANALYZE SELECT sets()`,
  'a text above 16 KB': `SELECT set_config('work_mem', '7MB', false) /* ${' '.repeat(20_000)} */`,
  BEGIN: `BEGIN`,
};

/** Those that no statement undoes. */
const LASTING_TEXTS: Record<string, string> = {
  'SET seed': `SET seed TO 0.5`,
  setseed: `SELECT setseed(0.5)`,
  'a function with a replication origin': `SELECT has_origin()`,
  'a replication origin': `SELECT pg_replication_origin_session_setup('origin')`,
  LOAD: `LOAD 'auto_explain'`,
};

/** Those of which that is so where the database has functions that may leave more than any statement undoes. */
const EXTENSION_TEXTS: Record<string, string> = {
  'a function that connects by dblink': `SELECT connects()`,
  'a function in Tcl with a global variable': `SELECT remembers('acme')`,
  'a text that crosstab runs': `SELECT * FROM crosstab('SELECT ''a''::text, ''b''::text, set_config(''work_mem'', ''7MB'', false)') AS t (a text, b text)`,
  'a text that is put together by xpath_table': `SELECT * FROM xpath_table('id', 'doc', '(SELECT 1 AS id, ''<a/>''::text AS doc, sets()) x', '/a', 'true') AS t (id int, doc text)`,
  dblink_connect: `SELECT dblink_connect('mine', current_setting('app.self'))`,
  'a function that may be anything': `SELECT sets()`,
  'a block that may be anything': `DO $$ BEGIN PERFORM 1; END $$`,
};

const waysOf = (texts: Record<string, string>, ends?: true): Way[] =>
  Object.entries(texts).map(([name, text]) => ({
    name,
    text,
    leave: (_, send) => send(text),
    ...(ends && { ends }),
  }));

export const TEXT_WAYS: readonly Way[] = [...waysOf(TEXTS), ...waysOf(LASTING_TEXTS, true)];

export const EXTENSION_WAYS: readonly Way[] = waysOf(EXTENSION_TEXTS, true);

/** Ways of more than one text, by both protocols. */
export const COURSES: readonly Way[] = [
  {
    name: 'SET in a transaction that was committed',
    leave: async (_, send) => {
      await send('BEGIN');
      await send(`SET work_mem TO '7MB'`);
      await send('COMMIT');
    },
  },
  {
    name: 'SET LOCAL in a transaction that is still open',
    leave: async (_, send) => {
      await send('BEGIN');
      await send(`SET LOCAL ROLE pg_monitor`);
    },
  },
  {
    name: 'set_config for a transaction that was committed',
    leave: async (_, send) => {
      await send('BEGIN');
      await send(`SELECT set_config('app.tenant', 'acme', true)`);
      await send('COMMIT');
    },
  },
  {
    name: 'a setting that the server tells of, set in a function and then in a transaction',
    leave: async (_, send) => {
      await send(`SELECT does('SET TimeZone TO ''Asia/Tokyo''')`);
      await send('BEGIN');
      await send(`SET LOCAL TimeZone TO 'Asia/Seoul'`);
      await send('COMMIT');
    },
  },
  {
    name: 'a failed transaction',
    leave: async (_, send) => {
      await send('BEGIN');
      await send('SELECT 1 / 0').catch(() => undefined);
    },
  },
  {
    name: 'COMMIT AND CHAIN',
    leave: async (_, send) => {
      await send('BEGIN');
      await send('COMMIT AND CHAIN');
    },
  },
  {
    name: 'a lock that outlives its failed transaction',
    leave: async (_, send) => {
      await send('BEGIN');
      await send('SELECT pg_advisory_lock(7), 1 / (random() * 0)::int').catch(() => undefined);
      await send('ROLLBACK');
    },
  },
  {
    name: 'an unawaited BEGIN',
    leave: (_, send) => void send('BEGIN').catch(() => undefined),
  },
  {
    name: 'unawaited statements, one after the other',
    leave: (_, send) =>
      void ['SELECT 1', `SET work_mem TO '7MB'`, 'BEGIN'].map((text) => send(text).catch(() => undefined)),
  },
  {
    name: 'a statement that nobody awaits and that takes its time',
    leave: (_, send) => void send(`SELECT pg_sleep(0.1), set_config('work_mem', '7MB', false)`),
  },
  {
    name: 'a statement behind one that the client refuses',
    leave(client, send) {
      void client.query({ text: 'SELECT $1', values: 'no array' as never }).catch(() => undefined);
      void send(`SET work_mem TO '7MB'`);
    },
  },
  {
    name: 'EXECUTE of what was prepared',
    leave: async (_, send) => {
      await send(`PREPARE statement AS SELECT set_config('work_mem', '7MB', false)`);
      await send('EXECUTE statement');
    },
  },
  {
    name: 'a default of a column that sets, made in the loan',
    leave: async (_, send) => {
      await send(`ALTER TABLE fresh ADD COLUMN b text DEFAULT sets()`);
      await send(`INSERT INTO fresh (a) VALUES (1)`);
      await send(`ALTER TABLE fresh DROP COLUMN b`);
    },
  },
  {
    name: 'what another encoding of the client hides',
    leave: async (_, send) => {
      await send('BEGIN');
      await send('SET LOCAL client_encoding TO SJIS');
      await send(`SELECT E'Á\\', set_config($$work_mem$$, $$7MB$$, false) --'`);
      await send('COMMIT');
    },
  },
];

/** Of a statement that answers nothing. */
const PATIENT = { handleCopyInResponse: () => undefined, handleError: () => undefined };

/** Ways that one protocol or the client itself has. */
export const CLIENT_WAYS: readonly Way[] = [
  {
    name: 'several statements in one query',
    leave: (client) => client.query(`SELECT 1; SET work_mem TO '7MB'; SELECT 2`),
  },
  { name: 'several statements that begin a transaction', leave: (client) => client.query(`SELECT 1; BEGIN`) },
  {
    name: 'what an escape hides',
    leave: (client) => client.query(`SELECT E'\\'; --'; SET work_mem TO '7MB'; --'`),
  },
  {
    name: 'what dollars seem to hide',
    leave: (client) => client.query(`SELECT $a$ $b$ $a$; SET work_mem TO '7MB'; SELECT $b$ $b$`),
  },
  {
    name: 'a named statement that sets',
    leave: (client) => client.query({ name: 'n', text: `SELECT set_config('work_mem', '7MB', false)` }),
  },
  {
    name: 'a named statement, and DISCARD ALL',
    async leave(client) {
      await client.query({ name: 'n', text: 'SELECT 1' });
      await client.query('DISCARD ALL');
    },
  },
  { name: 'a named statement', leave: (client) => client.query({ name: 'n', text: 'SELECT 41 + 1' }) },
  {
    name: 'a cursor that is not read to its end',
    ends: true,
    async leave(client) {
      const cursor = client.query(new Cursor(`SELECT generate_series(1, 1000)`));
      await cursor.read(10);
    },
  },
  {
    name: 'a cursor whose statement sets',
    async leave(client) {
      const cursor = client.query(new Cursor(`SELECT set_config('work_mem', '7MB', false)`));
      await cursor.read(10);
      await cursor.close();
    },
  },
  {
    name: 'a statement that the client gave up waiting for',
    leave: (client) =>
      client
        .query({ text: `SELECT pg_sleep(0.2), set_config('work_mem', '7MB', false)`, query_timeout: 20 } as {
          text: string;
        })
        .catch(() => undefined),
  },
  {
    name: 'COPY that the client ended early',
    leave: (client) => client.query('COPY rows (a) FROM STDIN').catch(() => undefined),
  },
  {
    name: 'COPY that hangs',
    ends: true,
    leave: (client) =>
      void client.query({ submit: (connection) => connection.query('COPY rows (a) FROM STDIN'), ...PATIENT }),
  },
  { name: 'a listener on the client', leave: (client) => void client.on('notification', () => undefined) },
  {
    name: 'a listener on the connection',
    leave: (client) => void client.connection.on('message', () => undefined),
  },
  { name: 'no listener for errors', leave: (client) => void client.removeAllListeners('error') },
  { name: 'no listeners at all', leave: (client) => void client.removeAllListeners() },
  { name: 'a type parser', leave: (client) => client.setTypeParser(types.builtins.INT4, () => 'mine') },
  {
    name: 'a query of its own class',
    leave: async (client) => {
      const query = client.query(new Query(`SET work_mem TO '7MB'`));
      await new Promise((resolve) => query.on('end', resolve));
    },
  },
  {
    name: 'a text sent past the client',
    ends: true,
    leave: (client) => client.connection.query(`SET work_mem TO '7MB'`),
  },
];
