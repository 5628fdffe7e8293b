import type { Client } from 'pg';

/** What a borrower can see of a session, besides its number. */
const SEEN = `
  SELECT current_user, session_user,
         (SELECT json_object_agg(name, setting ORDER BY name) FROM pg_settings
           WHERE name !~ '^(application_name|transaction_(isolation|read_only|deferrable)|plpgsql[.].*)$') AS settings,
         nullif(current_setting('app.tenant', true), '') AS tenant, nullif(current_setting('local.tenant', true), '') AS local,
         (SELECT array_agg(c) FROM pg_listening_channels() c) AS channels,
         (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()) AS locks,
         (SELECT array_agg(name) FROM pg_prepared_statements WHERE name <> 'n') AS prepared,
         (SELECT array_agg(name) FROM pg_cursors WHERE name <> '') AS cursors,
         (SELECT array_agg(relname) FROM pg_class WHERE relnamespace = pg_my_temp_schema()) AS temporary,
         pg_replication_origin_session_is_setup() AS origin,
         (SELECT count(*)::int FROM pg_get_loaded_modules() WHERE file_name LIKE 'auto_explain%') AS loaded, 1::int4 AS number`;

/** What can be seen of what extensions have left. */
const EXTENSIONS_SEEN = `SELECT dblink_get_connections() AS connections, forgets() AS remembered`;

export async function extensionsSeenIn(client: Client): Promise<Record<string, unknown>> {
  return {
    ...(await seenIn(client)),
    ...(await client.query<Record<string, unknown>>(EXTENSIONS_SEEN)).rows[0],
  };
}

/** What a borrower finds in a session. */
export async function seenIn(client: Client): Promise<Record<string, unknown>> {
  const status = client.getTransactionStatus();
  const listeners = ['notification', 'error', 'end', 'drain'].map((name) => client.listenerCount(name));
  const ofConnection = client.connection.listenerCount('message');
  const { rows } = await client.query<Record<string, unknown>>(SEEN);
  const lastval = await client.query('SELECT lastval()').catch((error: Error) => error.message);
  const named = await client.query({ name: 'n', text: 'SELECT 2' }).then(({ rows: [row] }) => row as unknown);
  // After setseed(0.5), PostgreSQL 18 begins so.
  const random = (await client.query<{ random: number }>('SELECT random()')).rows[0].random;
  return { ...rows[0], status, listeners, ofConnection, lastval, named, seeded: random === SEEDED };
}

const SEEDED = 0.9851677175347999;

/** What the ways use. */
export const SCHEMA = `
    CREATE SEQUENCE numbers;
    CREATE TABLE rows (id serial, a int);
    CREATE TABLE fresh (a int);
    CREATE TABLE touched (a int);
    CREATE TABLE audit (id int GENERATED ALWAYS AS IDENTITY, a int);
    INSERT INTO touched VALUES (1);
    CREATE FUNCTION audits() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit (a) VALUES (NEW.a); RETURN NEW; END $$;
    CREATE TRIGGER audits AFTER UPDATE ON touched FOR EACH ROW EXECUTE FUNCTION audits();
    CREATE FUNCTION locks() RETURNS void LANGUAGE sql AS $$ SELECT pg_advisory_lock(1) $$;
    CREATE FUNCTION sets() RETURNS text LANGUAGE sql AS $$ SELECT set_config('work_mem', '7MB', false) $$;
    CREATE FUNCTION does(what text) RETURNS int LANGUAGE plpgsql AS $$ BEGIN EXECUTE what; RETURN 1; END $$;
    CREATE FUNCTION declares() RETURNS int LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'DECLARE c CURSOR WITH HOLD FOR SELECT 1'; RETURN 1; END $$;
    CREATE FUNCTION seeds() RETURNS void LANGUAGE sql AS $$ SELECT setseed(0.5) $$;
    CREATE FUNCTION has_origin() RETURNS void LANGUAGE sql AS $$ SELECT pg_replication_origin_session_setup('origin') $$;
    CREATE PROCEDURE sets_in_procedure() LANGUAGE plpgsql AS $$ BEGIN PERFORM sets(); END $$;
`;

/** What the ways by extensions use besides. @param database its name @param self where the server connects to itself */
export function extensions(database: string, self: string): string {
  return `
    CREATE EXTENSION dblink;
    CREATE EXTENSION pltcl;
    CREATE EXTENSION tablefunc;
    CREATE EXTENSION xml2;
    ALTER DATABASE ${database} SET app.self TO '${self}';
    CREATE FUNCTION connects() RETURNS text LANGUAGE sql AS $$ SELECT dblink_connect('mine', current_setting('app.self')) $$;
    CREATE FUNCTION remembers(text) RETURNS text LANGUAGE pltcl AS 'set ::kept $1; return $1';
    CREATE FUNCTION forgets() RETURNS text LANGUAGE pltcl AS 'if {[info exists ::kept]} { return $::kept } else { return "" }';
  `;
}
