import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { pgResource } from 'nestjs-resources/pg';
import { ResourcePool } from 'nestjs-resources/pool';
import type { Client } from 'pg';
import { Postgres } from '../../application/postgres.fixture.js';

const BLANKS = fc.constantFrom(
  '',
  ' ',
  '\n',
  '\t',
  '/* a */',
  '/* /* ( */ */',
  '-- )\n',
  `/* ' */`,
  '/* $$ */',
);

/** A call that sets, in the ways in which it may be written. */
const CALL = fc
  .tuple(
    fc.constantFrom('', 'pg_catalog.', '"pg_catalog".', 'pg_catalog . '),
    fc.constantFrom('set_config', 'SET_CONFIG', '"set_config"', 'Set_Config', 'sets'),
    BLANKS,
    BLANKS,
  )
  .map(([schema, name, before, inside]) =>
    name === 'sets'
      ? `sets${before}(${inside})`
      : `${schema}${name}${before}(${inside}'work_mem','7MB',false)`,
  );

/** What may stand around an expression, and is one itself. */
const AROUND: ((inner: string) => string)[] = [
  (e) => `coalesce(${e}, 'x')`,
  (e) => `(${e})`,
  (e) => `CASE WHEN true THEN ${e} END`,
  (e) => `CAST(${e} AS varchar(20))`,
  (e) => `${e}::text`,
  (e) => `(SELECT ${e})`,
  (e) => `(SELECT max(v) FROM (VALUES (${e})) AS t(v))`,
  (e) => `(SELECT v FROM unnest(ARRAY[${e}]) WITH ORDINALITY AS u(v, n))`,
  (e) => `(SELECT string_agg(${e}, ',' ORDER BY 1) FILTER (WHERE true))`,
  (e) => `(WITH w(v) AS MATERIALIZED (SELECT ${e}) SELECT v FROM w)`,
  (e) => `(SELECT DISTINCT ON (1) ${e})`,
  (e) => `(SELECT x.v FROM (SELECT 1) AS y CROSS JOIN LATERAL (SELECT ${e} AS v) x)`,
  (e) => `(ARRAY[${e}])[1]`,
  (e) => `lower(upper(${e}))`,
  (e) => `('a' || $$ ' $$ || E'\\'' || ${e})`,
  (e) => `(SELECT first_value(${e}) OVER (PARTITION BY 1))`,
  (e) => `(json_build_object('a', ${e}) ->> 'a')`,
];

/** What may be a statement with it. */
const STATEMENTS: ((e: string) => string)[] = [
  (e) => `SELECT ${e}`,
  (e) => `SELECT 1 WHERE ${e} IS NOT NULL`,
  (e) => `SELECT 1 AS "a(" ORDER BY ${e}`,
  (e) => `SELECT count(*) FROM t GROUP BY a HAVING max(${e}) IS NOT NULL`,
  (e) => `INSERT INTO t (a) VALUES (${e})`,
  (e) => `INSERT INTO t SELECT ${e} RETURNING a`,
  (e) => `UPDATE t SET a = ${e}`,
  (e) => `UPDATE t SET (a) = ROW(${e}) WHERE true`,
  (e) => `DELETE FROM t WHERE a = ${e}`,
  (e) => `MERGE INTO t USING (SELECT ${e} AS v) u ON t.a = u.v WHEN NOT MATCHED THEN INSERT (a) VALUES (u.v)`,
  (e) => `WITH n AS (INSERT INTO t (a) VALUES (${e}) RETURNING a) TABLE n`,
  (e) => `VALUES (${e})`,
  (e) => `COPY (SELECT ${e}) TO STDOUT`,
  (e) => `(SELECT ${e}) UNION ALL (SELECT 'x')`,
  (e) => `SELECT 'a;b' AS x, ${e};`,
  (e) => `EXPLAIN (ANALYZE) SELECT ${e}`,
];

const TEXT = fc
  .tuple(CALL, fc.array(fc.constantFrom(...AROUND), { maxLength: 4 }), fc.constantFrom(...STATEMENTS), BLANKS)
  .map(
    ([call, around, statement, blank]) =>
      blank + statement(around.reduce((inner, wrap) => wrap(inner), call)),
  );

describe('a call that leaves state', () => {
  let postgres: Postgres;
  let pool: ResourcePool<Client>;

  beforeAll(async () => {
    postgres = await Postgres.start();
    await postgres.query(`
      CREATE TABLE t (a text);
      CREATE FUNCTION sets() RETURNS text LANGUAGE sql AS $$ SELECT set_config('work_mem', '7MB', false) $$;
    `);
    const { pool: options, ...factory } = pgResource({ connection: postgres.url });
    pool = new ResourcePool<Client>(factory, { ...options, max: 1 });
  });

  afterAll(async () => {
    await pool.close();
    await postgres.stop();
  });

  it('is undone, whatever stands around it', async () => {
    let took = 0;
    await fc.assert(
      fc.asyncProperty(TEXT, async (text) => {
        const lease = await pool.acquire();
        const failure = await lease.resource.query(text).then(
          () => undefined,
          (error: Error) => error.message,
        );
        if (failure === undefined) took++;
        await lease.release();
        const seen = await pool.use((client) => client.query<{ work_mem: string }>('SHOW work_mem'));
        expect(seen.rows).toEqual([{ work_mem: '4MB' }]);
      }),
      { numRuns: Number(process.env.HIDDEN_CALLS_RUNS ?? 300), seed: 14 },
    );
    expect(took).toBeGreaterThan(100); // most of them are what PostgreSQL takes
  });
});
