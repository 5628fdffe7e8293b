import { DatabaseError } from 'pg';
import { describeCause } from '../../words/describe-cause.js';
import { describeName } from '../../words/describe-name.js';
import { StatementTable } from '../statements/statement-table.js';
import { type Asked, readCatalogue } from './catalogue-queries.js';
import { hiddenState } from './hidden-state.js';

/** For how long a look at the catalogue is trusted, in milliseconds: others may change it. */
const BELIEVED_FOR = 60_000;

/** How many things a warning names at most. */
const MOST_NAMES = 5;

/** What is known of a database and decides how its sessions are reset. */
export interface Known {
  /** Tells what texts leave; undefined if texts don't show it, because the database leaves state by itself. */
  readonly table: StatementTable | undefined;
  /** Whether its functions may leave what no statement undoes. */
  readonly lasting: boolean;
  /** Whether its functions may give a session a replication origin. */
  readonly origins: boolean;
}

/** What is assumed of a database whose catalogue can't be read. */
const UNREADABLE: Known = { table: undefined, lasting: false, origins: false };

/**
 * Knows whether a database leaves state in sessions by itself, such as by triggers. As long as that is not known, or if it does so in a way that
 * no text shows, any loan may have left anything.
 */
export class Database {
  private current: Known | undefined;
  private lookedAt = -Infinity;
  private looking: Promise<void> | undefined;
  private changes = 0;
  private changing = 0;
  private warned = false;

  /**
   * @param name for warnings
   * @param now the time in milliseconds, from any fixed moment
   */
  constructor(
    private readonly name: string,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Undefined before the first look, and while a session may be changing the catalogue. */
  get known(): Known | undefined {
    return this.changing === 0 ? this.current : undefined;
  }

  /** A session may change the catalogue from now on. */
  beginChange(): void {
    this.changing++;
    this.forget();
  }

  /** Such a session has committed or undone its change. */
  endChange(): void {
    this.changing--;
    this.forget();
  }

  /**
   * Reads the catalogue on a session that nobody else uses, unless that was done lately.
   *
   * @throws what has ended the session. An error of the server is no reason to throw: then nothing is known of the database
   */
  async look(session: Asked): Promise<void> {
    while (this.changing === 0 && this.now() - this.lookedAt >= BELIEVED_FOR) {
      if (this.looking === undefined) {
        this.looking = this.read(session).finally(() => (this.looking = undefined));
        return this.looking;
      }
      await this.looking.catch(() => undefined); // thrown to the caller whose session it was
    }
  }

  private forget(): void {
    this.changes++;
    this.current = undefined;
    this.lookedAt = -Infinity;
  }

  private async read(session: Asked): Promise<void> {
    const { changes } = this;
    const known = await this.readKnown(session);
    if (changes !== this.changes) return; // it was changed meanwhile: who needs it looks again
    this.lookedAt = this.now();
    this.current = known;
  }

  private async readKnown(session: Asked): Promise<Known> {
    try {
      const catalogue = await readCatalogue(session);
      const { harmless, sequences, triggers, lasting, origins } = catalogue;
      const hidden = hiddenState(catalogue);
      if (hidden.length > 0) this.warn(`${namesOf(hidden)} may leave state in a session unseen`);
      const names = { harmless: new Set(harmless), sequences, insertsByItself: triggers };
      return { table: hidden.length > 0 ? undefined : new StatementTable(names), lasting, origins };
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      this.warn(`its catalogue can't be read: ${describeCause(error)}`);
      return UNREADABLE;
    }
  }

  private warn(reason: string): void {
    if (this.warned) return;
    this.warned = true;
    process.emitWarning(
      `Sessions of the database ${describeName(this.name)} are reset by DISCARD ALL after each loan, because ${reason}.`,
      'PgResetWarning',
    );
  }
}

function namesOf(hidden: readonly string[]): string {
  const names = hidden.slice(0, MOST_NAMES).map((name) => describeName(name));
  return hidden.length > MOST_NAMES ? `${names.join(', ')} and others` : names.join(', ');
}
