import { describe, expect, it } from '@jest/globals';
import { LEFT } from '../left-behind.js';
import { type KnownNames, leftByText } from './left-by-text.js';
import { SYNTAX_WORDS } from './syntax-words.js';

const known: KnownNames = {
  harmless: new Set([
    ...SYNTAX_WORDS,
    'lower',
    'rank',
    'count',
    'now',
    'current_setting',
    'unnest',
    'generate_series',
  ]),
  sequences: true,
  insertsByItself: false,
};

describe('a text', () => {
  it.each<[keyof typeof LEFT, string]>([
    ['nothing', ''],
    ['nothing', ';'],
    ['nothing', ' -- nothing\n/* at /* all */ */ ; '],
    ['nothing', 'SELECT 1'],
    ['nothing', 'select 1;  -- done'],
    ['nothing', `SELECT 'SET x = 1; LISTEN y' AS "RESET", $1, $$; SET a = 1$$, $q$; $$ $q$, E'\\'; SET x'`],
    ['nothing', '(SELECT lower(a) FROM t) UNION ALL (SELECT b FROM u)'],
    [
      'nothing',
      `SELECT "lower"(x), pg_catalog.count(*) FILTER (WHERE y IN (1, 2)) OVER (PARTITION BY z) FROM t`,
    ],
    ['nothing', 'WITH RECURSIVE t (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 5) TABLE t'],
    [
      'nothing',
      'SELECT a::numeric(12,2), CAST(b AS varchar(20)), c::app.money(3) FROM t AS u (a, b, c) FOR NO KEY UPDATE',
    ],
    ['nothing', 'SELECT * FROM a JOIN (SELECT 1) b USING (id) LEFT JOIN LATERAL (SELECT 2) c ON (true)'],
    ['nothing', 'UPDATE t SET (a, b) = (1, 2) WHERE EXISTS (SELECT 1)'],
    ['nothing', 'BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY'],
    ['nothing', 'SAVEPOINT "a b"'],
    ['nothing', 'SET LOCAL search_path TO x'],
    ['nothing', 'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE'],
    ['nothing', `SELECT set_config('app.tenant', $1, true)`],
    ['nothing', `SELECT set_config('app.tenant'::text, lower($1), TRUE), 1`],
    ['nothing', 'DECLARE c CURSOR FOR SELECT 1'],
    [
      'sequences',
      'INSERT INTO public."orders" ("a", b) VALUES ($1, $2) ON CONFLICT (a) DO UPDATE SET b = 1 RETURNING id',
    ],
    ['sequences', 'WITH x AS (INSERT INTO t VALUES (1) RETURNING 1) SELECT * FROM x'],
    ['sequences', 'COPY t (a, b) FROM STDIN WITH (FORMAT csv)'],
    ['sequences', `SELECT nextval('s')`],
    ['sequences', 'UPDATE t SET id = DEFAULT'],
    ['sequences', 'MERGE INTO t USING u ON (a = b) WHEN NOT MATCHED THEN INSERT (a) VALUES (1)'],
    ['state', 'SET x = 1'],
    ['state', '/* SELECT */ sEt\n"x" = 1'],
    ['state', 'SET SESSION AUTHORIZATION x'],
    ['state', `SET local.tenant = 'a'`],
    ['state', `SET transaction . tenant = 'a'`],
    ['state', `SELECT set_config('app.tenant', $1, false)`],
    ['state', `SELECT set_config('app.tenant', $1, $2)`],
    ['state', 'DECLARE c CURSOR WITH HOLD FOR SELECT 1'],
    ['state', 'CREATE TEMP TABLE t AS TABLE u'],
    ['state', 'CREATE OR REPLACE TEMPORARY VIEW v AS SELECT 1'],
    ['state', 'create local temp table t as table u'],
    ['unknown', 'create temp table t (id int)'],
    ['state', 'SELECT pg_advisory_lock(1)'],
    ['state', 'SELECT pg_catalog . pg_try_advisory_lock_shared (1)'],
    ['state', 'LISTEN x'],
    ['state', 'PREPARE p AS SELECT 1'],
    ['state', 'RESET ALL'],
    ['unknown', 'SELECT 1; SELECT 2'],
    ['unknown', ';;SELECT 1'],
    ['unknown', 'SELECT "my Function"(1)'],
    ['unknown', 'SELECT lower OPERATOR(public.+) 1'],
    ['unknown', 'SELECT * INTO TEMP t FROM u'],
    ...[
      'SELECT 1 AS insert',
      'SELECT insert',
      'SELECT (1) insert',
      `SELECT 'a' merge`,
      'SELECT 1 insert',
      'SELECT a."b" merge',
    ].map((select): [keyof typeof LEFT, string] => ['unknown', `${select} INTO TEMP t FROM u`]),
    ['unknown', 'WITH x AS (SELECT 1) SELECT (1) insert INTO TEMP t'],
    ['unknown', '(SELECT (1) insert INTO TEMP t)'],
    ['sequences', 'WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x'],
    ['sequences', 'WITH x AS (MERGE INTO t USING u ON (a = b) WHEN MATCHED THEN DELETE RETURNING 1) TABLE x'],
    ['unknown', 'SELECT 1into t'],
    ['unknown', 'SELECT $1into t'],
    ['unknown', `SELECT U&"pg_sett\\0069ngs"`],
    ['unknown', `SELECT 'a\\'; SET x = 1 --'`],
    ['unknown', `SELECT 'never ends`],
    ['unknown', 'SELECT "never ends'],
    ['unknown', 'SELECT $a$ never ends $b$'],
    ['unknown', 'SELECT 1 /* never ends'],
    ['unknown', `UPDATE pg_settings SET setting = 'x'`],
    ['unknown', `UPDATE "pg_settings" SET setting = 'x'`],
    ['unknown', 'SELECT öffne(1)'],
    ['unknown', 'SELECT lower$(1)'],
    ['unknown', 'SELECT ran\u212a(1)'], // which toLowerCase() makes "rank"
    ['nothing', 'SELECT LOWER(Größe) FROM t'],
    ['unknown', `SELECT set_config($1, 'x', true)`],
    ['unknown', `SELECT set_config(is_local => false, setting_name => 'a', new_value => 'b')`],
    ['unknown', `SELECT set_config('a', 'b'`],
    ['unknown', 'DO $$ BEGIN END $$'],
    ['unknown', 'CALL p()'],
    ['unknown', 'EXECUTE p'],
    ['unknown', 'EXPLAIN ANALYZE SELECT f(1)'],
    ['unknown', 'CREATE TABLE temp (id int)'],
    ['unknown', 'SELECT 1\x00SET x'],
    ['lasting', 'SELECT setseed(0.5)'],
    ['lasting', 'SET seed TO 0.5'],
    ['lasting', 'SET LOCAL "seed" TO 0.5'],
    ['lasting', 'set session seed = 1'],
    ['lasting', `SELECT set_config('Seed', '0.5', true)`],
    ['lasting', `SELECT x.dblink_connect('a', 'b')`],
    ['lasting', `SELECT pg_replication_origin_session_setup('a')`],
    ['lasting', `LOAD 'auto_explain'`],
    ['lasting', `SELECT 1; LOAD 'auto_explain'`],
  ])('leaves %s: %s', (left, text) => {
    expect(leftByText(text, known).left).toBe(LEFT[left]);
  });

  it.each([
    [true, 'CREATE TRIGGER t AFTER INSERT ON x EXECUTE FUNCTION f()'],
    [true, 'select 1; alter table x add column y int default f()'],
    [true, 'CREATE TABLE temp ()'],
    [true, 'DO $$ BEGIN EXECUTE $e$ALTER TABLE x ADD y int DEFAULT f()$e$; END $$'],
    [false, 'CREATE TEMP TABLE t ()'],
    [false, 'SELECT 1'],
  ])('changes what the database does by itself, or may: %s for %s', (changes, text) => {
    expect(leftByText(text, known).changesDatabase).toBe(changes);
  });

  it.each([
    [true, 'CREATE TEMP TABLE t (id int)'],
    [true, 'SELECT 1; LISTEN x'],
    [true, 'SELECT f(1), pg_advisory_lock(1)'],
    [true, 'SELECT setseed(0)'],
    [false, 'SELECT f(1)'],
    [false, `SELECT nextval('s')`],
  ])('is known to leave state: %s for %s', (stateful, text) => {
    expect(leftByText(text, known).stateful).toBe(stateful);
  });

  it('that changes rows may take from a sequence where triggers insert', () => {
    const left = (names: Partial<KnownNames>): number =>
      leftByText('DELETE FROM t', { ...known, ...names }).left;
    expect(left({ insertsByItself: true })).toBe(LEFT.sequences);
    expect(left({ insertsByItself: true, sequences: false })).toBe(LEFT.nothing);
    expect(left({})).toBe(LEFT.nothing);
  });
});
