import type { Client } from 'pg';
import { SessionStateError } from '../errors/session-state-error.js';
import { Database } from './catalogue/database.js';
import type { PgResourceSettings } from './pg-resource-options.js';
import type { Judging } from './session/pg-session.js';
import { StatementTable } from './statements/statement-table.js';
import { SYNTAX_WORDS } from './statements/syntax-words.js';

/** Most databases that are remembered: a keyed type may have one for each key. */
const MOST_DATABASES = 1_000;

/** By what the sessions of one resource type are judged. */
export class Judges {
  private readonly databases = new Map<string, Database>();
  private readonly table = new StatementTable({
    harmless: new Set(SYNTAX_WORDS),
    sequences: false,
    insertsByItself: false,
  });

  constructor(private readonly settings: Pick<PgResourceSettings, 'reset' | 'behind'>) {}

  /** @returns nothing when it does not matter what texts leave */
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

  /** Who logs in decides, too: not everybody may do the same there. */
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
