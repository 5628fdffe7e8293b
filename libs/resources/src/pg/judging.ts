import type { Client } from 'pg';
import { SessionStateError } from '../errors/session-state-error.js';
import { Database } from './catalogue/database.js';
import type { PgResourceSettings } from './pg-resource-options.js';
import type { Judging } from './session/pg-session.js';
import { StatementTable } from './statements/statement-table.js';
import { SYNTAX_WORDS } from './statements/syntax-words.js';

/** How many databases are remembered at most: a keyed type may have one for each key. */
const MOST_DATABASES = 1_000;

/** Says how the texts of sessions are judged, for one resource type. Sessions of one database and user share what is known of it. */
export class Judges {
  private readonly databases = new Map<string, Database>();
  private readonly table = new StatementTable({
    harmless: new Set(SYNTAX_WORDS),
    sequences: false,
    insertsByItself: false,
  });

  constructor(private readonly settings: Pick<PgResourceSettings, 'reset' | 'behind'>) {}

  /** @returns undefined where the reset does not depend on what texts leave */
  of(client: Client): Judging | undefined {
    const { table } = this;
    const { reset, behind } = this.settings;
    if (behind === 'pgbouncer-transaction') {
      const refuse = (text: string): Error | undefined =>
        table.verdictOn(text).stateful ? new SessionStateError(behind, text) : undefined;
      return { database: undefined, table, refuse };
    }
    if (reset === 'discard') return { database: undefined, table };
    return reset === 'auto' ? { database: this.databaseOf(client), table } : undefined;
  }

  /** One for each user, because what a user may call depends on its privileges. */
  private databaseOf({
    user = '',
    host,
    port,
    database: name = '',
  }: Client & { database?: string }): Database {
    const { databases } = this;
    const key = JSON.stringify([host, port, name, user]);
    const known = databases.get(key);
    if (known !== undefined) return known;
    const database = new Database(name);
    if (databases.size === MOST_DATABASES) databases.delete(databases.keys().next().value ?? '');
    databases.set(key, database);
    return database;
  }
}
