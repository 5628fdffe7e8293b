import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { EmbeddedServer } from '../../../../../tools/embedded-server/embedded-server.js';
import { type Asked, readCatalogue } from './catalogue-queries.js';
import { hiddenState } from './hidden-state.js';

const KEEPER = new URL(
  '../../../../../dist/tools/embedded-server/embedded-server-keeper.js',
  import.meta.url,
);

describe('hidden state', () => {
  const server = new EmbeddedServer(KEEPER);
  let client: Client;
  /** In the transaction of the test. */
  const asked: Asked = {
    ask: (text, values) => client.query(/^BEGIN|^ROLLBACK/.test(text) ? 'SELECT 1' : text, values),
  };

  beforeAll(async () => {
    client = new Client(await server.start());
    await client.connect();
    await client.query(`
      CREATE TABLE t (id serial PRIMARY KEY, a text DEFAULT lower('A') CHECK (length(a) > 0), changed timestamptz DEFAULT now());
      CREATE TABLE log (id int GENERATED ALWAYS AS IDENTITY, a text);
      CREATE INDEX ON t (lower(a)) WHERE upper(a) <> 'B';
      CREATE VIEW v AS SELECT count(*), max(a) FROM t;
      CREATE FUNCTION sets() RETURNS text LANGUAGE sql AS $$ SELECT set_config('app.x', 'y', false) $$;
      CREATE FUNCTION calls_it() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN sets(); END $$;
      CREATE FUNCTION takes_a_number() RETURNS bigint LANGUAGE sql AS $$ SELECT nextval('t_id_seq') $$;
      CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE n numeric(12, 2);
      BEGIN
        IF (TG_OP = 'UPDATE') THEN
          NEW.changed := now();
          UPDATE t SET a = 'c' WHERE false;
          SELECT count(*) INTO n FROM t;
          FOR n IN SELECT 1 LOOP INSERT INTO log (a) VALUES ('b'); END LOOP;
          WITH b AS (SELECT 'b' AS a) INSERT INTO log (a) SELECT a FROM b;
          INSERT INTO log (a) VALUES (lower(NEW.a)) ON CONFLICT DO NOTHING;
          PERFORM pg_notify('x', row_to_json(NEW)::text);
        END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER touch BEFORE UPDATE ON t FOR EACH ROW WHEN (OLD.a IS DISTINCT FROM lower(NEW.a)) EXECUTE FUNCTION touch();
    `);
  });

  afterAll(async () => {
    await client.end();
    await server.stop();
  });

  async function found(): Promise<string[]> {
    return hiddenState(await readCatalogue(asked));
  }

  it('is not seen in defaults, checks, indexes, views and triggers that leave nothing', async () => {
    await expect(found()).resolves.toEqual([]);
  });

  it.each<[string, string[], string]>([
    ['a default', ['default of t'], `ALTER TABLE t ADD b text DEFAULT set_config('app.x', 'y', false)`],
    [
      'a default that calls what calls it',
      ['function calls_it', 'default of t'],
      `ALTER TABLE t ADD b text DEFAULT calls_it()`,
    ],
    ['a check', ['check c'], `ALTER TABLE t ADD CONSTRAINT c CHECK (set_config('app.x', 'y', false) = 'y')`],
    ['a policy', ['policy of t'], `CREATE POLICY p ON t USING (set_config('app.x', a, false) = a)`],
    ['a view', ['view w'], `CREATE VIEW w AS SELECT pg_try_advisory_lock(1)`],
    [
      'a view that takes from a sequence',
      ['function takes_a_number'],
      `CREATE VIEW w AS SELECT takes_a_number() AS n`,
    ],
    ['a view of the settings', ['view w'], `CREATE VIEW w AS SELECT * FROM pg_settings`],
    ['a rule', ['rule r of t'], `CREATE RULE r AS ON DELETE TO t DO ALSO SELECT 1`],
    ['a domain', ['domain d'], `CREATE DOMAIN d AS text DEFAULT set_config('app.x', 'y', false)`],
    [
      'a trigger that makes a table of what it names as an INSERT does',
      ['function makes'],
      `CREATE FUNCTION makes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN SELECT 1 AS insert INTO pg_temp.made; RETURN NEW; END $$;
       CREATE TRIGGER makes AFTER INSERT ON t EXECUTE FUNCTION makes()`,
    ],
    [
      'an operator of a function of PostgreSQL',
      ['operator ?!'],
      `CREATE OPERATOR ?! (RIGHTARG = bigint, FUNCTION = pg_try_advisory_lock)`,
    ],
    [
      'a cast by a function of PostgreSQL',
      ['cast by pg_try_advisory_lock'],
      `CREATE CAST (bigint AS boolean) WITH FUNCTION pg_try_advisory_lock(bigint)`,
    ],
    [
      'an operator',
      ['function op'],
      `CREATE FUNCTION op(int, text) RETURNS text LANGUAGE sql AS $$ SELECT set_config('app.x', $2, false) $$;
      CREATE OPERATOR === (LEFTARG = int, RIGHTARG = text, FUNCTION = op)`,
    ],
    [
      'a cast',
      ['function op'],
      `CREATE FUNCTION op(t) RETURNS text LANGUAGE sql AS $$ SELECT sets() $$; CREATE CAST (t AS text) WITH FUNCTION op(t)`,
    ],
    [
      'attribute notation',
      ['function attribute'],
      `CREATE FUNCTION attribute(t) RETURNS text LANGUAGE sql AS $$ SELECT sets() $$`,
    ],
    [
      'attribute notation of any row',
      ['function attribute'],
      `CREATE FUNCTION attribute(record) RETURNS text LANGUAGE plpgsql AS $$ BEGIN SET x.y = 1; RETURN ''; END $$`,
    ],
    [
      'a function with a body of SQL',
      ['function attribute'],
      `CREATE FUNCTION attribute(t) RETURNS text RETURN set_config('app.x', 'y', false)`,
    ],
    [
      'a trigger with EXECUTE',
      ['function f'],
      `CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'LISTEN x'; RETURN NULL; END $$;
      CREATE TRIGGER g AFTER INSERT ON t EXECUTE FUNCTION f()`,
    ],
    [
      'a trigger with SET',
      ['function f'],
      `CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN SET app.x = 1; RETURN NULL; END $$;
      CREATE TRIGGER g AFTER INSERT ON t EXECUTE FUNCTION f()`,
    ],
    [
      'a trigger in another language',
      ['function f'],
      `CREATE EXTENSION pltcl; CREATE FUNCTION f() RETURNS trigger LANGUAGE pltcl AS 'return OK';
      CREATE TRIGGER g AFTER INSERT ON t EXECUTE FUNCTION f()`,
    ],
    [
      'a trigger by its condition',
      ['trigger g'],
      `CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW WHEN (set_config('app.x', NEW.a, false) = 'y') EXECUTE FUNCTION touch()`,
    ],
  ])('is found in %s', async (_, names, sql) => {
    await client.query('BEGIN');
    try {
      await client.query(sql);
      await expect(found()).resolves.toEqual(names);
    } finally {
      await client.query('ROLLBACK');
    }
  });

  it("is not hidden by a function of the user's that has the name of another one", async () => {
    await client.query(`BEGIN;
      CREATE FUNCTION set_config(int) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
      ALTER TABLE t ADD b text DEFAULT set_config('app.x', 'y', false)`);
    await expect(found()).resolves.toEqual(['default of t']);
    await client.query('ROLLBACK');
  });

  it.each([
    [true, 'SELECT 1'],
    [false, 'DROP TRIGGER touch ON t'],
    [true, 'DROP TRIGGER touch ON t; CREATE TABLE u (t int DEFAULT 1 REFERENCES t ON DELETE SET DEFAULT)'],
    [false, 'DROP TRIGGER touch ON t; CREATE TABLE u (t int DEFAULT 1 REFERENCES t ON DELETE CASCADE)'],
  ])(
    'is told whether changed rows may insert or set defaults elsewhere: %s after %s',
    async (inserts, sql) => {
      await client.query(`BEGIN; ${sql}`);
      const { triggers } = await readCatalogue(asked);
      await client.query('ROLLBACK');
      expect(triggers).toBe(inserts);
    },
  );

  it('may be in a function, as long as only calls run it', async () => {
    const { functions } = await readCatalogue(asked);
    expect(functions.find(({ name }) => name === 'sets')).toMatchObject({ route: null });
  });

  it('is told of names that users have made functions of', async () => {
    await client.query(
      'BEGIN; CREATE FUNCTION lower(t) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$; CREATE FUNCTION join(t) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
    );
    const { harmless } = await readCatalogue(asked);
    await client.query('ROLLBACK');
    expect(harmless).not.toContain('lower');
    expect(harmless).not.toContain('join');
    expect(harmless).toEqual(expect.arrayContaining(['upper', 'left', 'count', 'random', 'select']));
    expect(harmless).not.toContain('set_config');
  });
});
