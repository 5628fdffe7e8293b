import type { QueryResult, QueryResultRow } from 'pg';
import { HARMLESS_FUNCTIONS, SYNTAX_WORDS } from '../statements/syntax-words.js';

/** The first object ID that is not one of PostgreSQL's own objects. */
const FIRST_OF_USERS = 16_384;

/** Extensions that keep state for a session which `DISCARD ALL` doesn't undo. */
const KEEPING_EXTENSIONS = ['dblink', 'hypopg', 'orafce', 'pg_variables'];

/** Functions of extensions (tablefunc, xml2) that say they are stable and run a text, which may leave anything. */
const RUNNING_TEXTS = '^(connectby|crosstab.*|xpath_table)$';

/** A condition on a row of a catalogue: it belongs to an extension. */
const ofExtension = (catalogue: string, row: string): string =>
  `EXISTS (SELECT FROM pg_depend e WHERE e.classid = '${catalogue}'::regclass AND e.objid = ${row}.oid AND e.deptype = 'e')`;

/**
 * The names of which every function leaves nothing: those of PostgreSQL and of extensions that are immutable or stable. And further facts about the
 * database and the user who is logged in.
 */
const FACTS = `
  SELECT array(
           SELECT proname FROM (
             SELECT proname::text, bool_and((p.oid < ${FIRST_OF_USERS} OR ${ofExtension('pg_proc', 'p')})
                                            AND (provolatile <> 'v' OR proname = ANY ($1))
                                            AND proname !~ '${RUNNING_TEXTS}') AS harmless
               FROM pg_proc p GROUP BY proname
             UNION ALL SELECT word, true FROM unnest($2::text[]) word
           ) named GROUP BY proname HAVING bool_and(harmless)
         ) AS harmless,
         EXISTS (SELECT FROM pg_class WHERE relkind = 'S') AS sequences,
         EXISTS (SELECT FROM pg_trigger WHERE NOT tgisinternal)
         OR EXISTS (SELECT FROM pg_constraint WHERE contype = 'f' AND 'd' IN (confupdtype, confdeltype)) AS triggers,
         EXISTS (SELECT FROM pg_extension WHERE extname = ANY ('{${KEEPING_EXTENSIONS.join(',')}}'))
         OR EXISTS (SELECT FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
                  WHERE l.lanname NOT IN ('internal', 'c', 'sql', 'plpgsql')
                     OR (p.prosecdef AND p.prosrc ~* 'replication_origin_session')) AS lasting,
         EXISTS (SELECT FROM pg_proc p WHERE p.proname = 'pg_replication_origin_session_setup'
                    AND p.oid < ${FIRST_OF_USERS} AND has_function_privilege(p.oid, 'EXECUTE')) AS origins`;

export interface Facts {
  readonly harmless: readonly string[];
  readonly sequences: boolean;
  /** Whether what changes rows may insert, or set defaults, in others. */
  readonly triggers: boolean;
  /** Whether a function may leave what no statement undoes. */
  readonly lasting: boolean;
  /** Whether the user may set a replication origin for a session. */
  readonly origins: boolean;
}

/**
 * Functions of users, and whether anything but a call in a text may run them: an object that depends on them, or attribute notation (`row.f`) for
 * those that take a row.
 */
const FUNCTIONS = `
  SELECT p.proname AS name, l.lanname AS language,
         EXISTS (SELECT FROM pg_proc o WHERE o.proname = p.proname
                    AND (o.oid < ${FIRST_OF_USERS} OR o.prokind = 'a' OR ${ofExtension('pg_proc', 'o')})) AS shared,
         CASE WHEN p.pronargdefaults > 0 THEN NULL
              WHEN p.prosrc = '' THEN substring(pg_get_functiondef(p.oid) from '(?:BEGIN ATOMIC|\\nRETURN ).*')
              ELSE p.prosrc END AS body,
         CASE WHEN p.pronargs >= 1 AND p.pronargs - p.pronargdefaults <= 1 AND (
                SELECT t.typtype = 'c' OR t.typname IN ('record', 'anyelement', 'anynonarray', 'anycompatible', 'any')
                  FROM pg_type t WHERE t.oid = p.proargtypes[0]) THEN 'any'
              WHEN bool_or(d.classid NOT IN ('pg_trigger'::regclass, 'pg_attrdef'::regclass)) THEN 'any'
              WHEN count(d.classid) > 0 THEN 'write' END AS route
    FROM pg_proc p
    JOIN pg_language l ON l.oid = p.prolang
    LEFT JOIN pg_depend d ON d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid
         AND d.classid NOT IN ('pg_proc'::regclass, 'pg_event_trigger'::regclass)
   WHERE p.oid >= ${FIRST_OF_USERS} AND p.prokind <> 'a' AND NOT ${ofExtension('pg_proc', 'p')}
   GROUP BY p.oid, l.lanname`;

export interface UserFunction {
  readonly name: string;
  readonly language: string;
  /** Whether a function that is not listed here has that name, too: a call may mean that one. */
  readonly shared: boolean;
  /** Null if it can't be judged. */
  readonly body: string | null;
  /** What runs it besides calls: any statement (`any`), only one that writes (`write`), or nothing (null). */
  readonly route: 'any' | 'write' | null;
}

/**
 * The expressions that the database evaluates by itself and that call a function: of defaults, policies, checks, indexes, views, rules and triggers, of
 * users' operators and casts.
 */
const EXPRESSIONS = `
  WITH relations AS (
    SELECT c.oid, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
       AND NOT ${ofExtension('pg_class', 'c')}
  ), expressions AS (
    SELECT 'default of ' || relname AS what, 'write' AS route, pg_get_expr(adbin, adrelid) AS text
      FROM pg_attrdef d JOIN relations r ON r.oid = d.adrelid
    UNION ALL SELECT 'policy of ' || relname, 'any',
                     concat_ws(', ', pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
      FROM pg_policy p JOIN relations r ON r.oid = p.polrelid
    UNION ALL SELECT 'check ' || conname, 'any', pg_get_expr(conbin, conrelid)
      FROM pg_constraint WHERE contype = 'c' AND oid >= ${FIRST_OF_USERS}
    UNION ALL SELECT 'domain ' || typname, 'write', typdefault FROM pg_type WHERE typtype = 'd' AND oid >= ${FIRST_OF_USERS}
    UNION ALL SELECT 'index of ' || relname, 'any', 
                     concat_ws(', ', pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid))
      FROM pg_index i JOIN relations r ON r.oid = i.indrelid WHERE indexprs IS NOT NULL OR indpred IS NOT NULL
    UNION ALL SELECT 'view ' || relname, 'any', pg_get_viewdef(w.ev_class)
      FROM pg_rewrite w JOIN relations r ON r.oid = w.ev_class WHERE w.rulename = '_RETURN'
    UNION ALL SELECT 'rule ' || rulename || ' of ' || relname, 'rule', '()'
      FROM pg_rewrite w JOIN relations r ON r.oid = w.ev_class WHERE w.rulename <> '_RETURN'
    UNION ALL SELECT 'trigger ' || tgname, 'any', substring(pg_get_triggerdef(t.oid) from 'WHEN \\((.*)\\) EXECUTE')
      FROM pg_trigger t WHERE NOT tgisinternal AND tgqual IS NOT NULL
    UNION ALL SELECT 'operator ' || oprname, 'any', quote_ident(proname) || '()'
      FROM pg_operator o JOIN pg_proc p ON p.oid = o.oprcode
     WHERE o.oid >= ${FIRST_OF_USERS} AND NOT ${ofExtension('pg_operator', 'o')}
       AND (p.oid < ${FIRST_OF_USERS} OR ${ofExtension('pg_proc', 'p')})
    UNION ALL SELECT 'cast by ' || proname, 'any', quote_ident(proname) || '()'
      FROM pg_cast c JOIN pg_proc p ON p.oid = c.castfunc
     WHERE c.oid >= ${FIRST_OF_USERS} AND NOT ${ofExtension('pg_cast', 'c')}
       AND (p.oid < ${FIRST_OF_USERS} OR ${ofExtension('pg_proc', 'p')})
  )
  SELECT what, route, text FROM expressions WHERE text LIKE '%(%' OR text LIKE '%pg_settings%'`;

export interface HiddenExpression {
  /** Such as `view orders_by_day`. */
  readonly what: string;
  readonly route: 'any' | 'write' | 'rule';
  readonly text: string;
}

/** What a database's catalogue says of what it does by itself. */
export interface Catalogue extends Facts {
  readonly functions: readonly UserFunction[];
  readonly expressions: readonly HiddenExpression[];
}

/** A session for a query of the library, which belongs to no loan. */
export interface Asked {
  ask<Row extends QueryResultRow>(text: string, values?: unknown[]): Promise<QueryResult<Row>>;
}

/** How long the server may take, in milliseconds: who waits for the session waits for this, too. */
const LIMIT = 500;

const CATALOGUE = `
  SELECT (SELECT row_to_json(f) FROM (${FACTS}) f) AS facts,
         (SELECT coalesce(json_agg(f), '[]') FROM (${FUNCTIONS}) f) AS functions,
         (SELECT coalesce(json_agg(e), '[]') FROM (${EXPRESSIONS}) e) AS expressions`;

interface CatalogueRow extends Pick<Catalogue, 'functions' | 'expressions'> {
  readonly facts: Facts;
}

/** @throws the server's error, such as when it takes longer than {@link LIMIT} */
export async function readCatalogue(session: Asked): Promise<Catalogue> {
  await session.ask(`BEGIN READ ONLY; SET LOCAL statement_timeout TO ${LIMIT}`);
  try {
    const { rows } = await session.ask<CatalogueRow>(CATALOGUE, [HARMLESS_FUNCTIONS, SYNTAX_WORDS]);
    const [{ facts, functions, expressions }] = rows;
    return { ...facts, functions, expressions };
  } finally {
    await session.ask('ROLLBACK');
  }
}
