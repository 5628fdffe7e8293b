import type { EventEmitter } from 'node:events';
import { Client, type ClientConfig, type QueryResult, type QueryResultRow, types } from 'pg';
import type { Database } from '../catalogue/database.js';
import { LEFT, type Left, mostOf } from '../left-behind.js';
import type { LoanState } from '../loans/loan-state.js';
import type { ParallelUse } from '../loans/parallel-use.js';
import { answersReadOnly } from '../sql-state.js';
import type { StatementTable } from '../statements/statement-table.js';
import { BorrowersListeners } from './borrowers-listeners.js';
import { endOnThrow } from './end-on-throw.js';
import { LastAnswer } from './last-answer.js';
import { NamedStatements } from './named-statements.js';
import { OwnStatements } from './own-statements.js';
import type { QueueMark } from './queue-mark.js';
import { SessionWatch } from './session-watch.js';
import { failStatement, nameOf, textOf } from './statement-of.js';
import { StatementQueue } from './statement-queue.js';
import { inTurn } from './statement-turn.js';

/** By what the texts of a session are judged. */
export interface Judging {
  /** Where it is known what its database does by itself; undefined when that does not matter. */
  readonly database: Database | undefined;
  /** For as long as nothing is known of the database. */
  readonly table: StatementTable;
  /** Looks at a statement before it is given to the client. @returns what it is refused with */
  readonly refuse?: (text: string) => Error | undefined;
}

/** What a session is made with, besides its connection. */
export interface SessionParts {
  /** Undefined for a session of which nobody asks what a loan has left. */
  readonly judgingOf: (client: Client) => Judging | undefined;
  readonly loan: LoanState;
  readonly parallel: ParallelUse;
}

/** What cancels the statements of a session; implemented by `StatementCancels`. */
export interface SessionCancels {
  /** A borrower is about to give a statement to the client. @returns what it is refused with */
  beforeStatement(text: string): Error | undefined;
  /** From now on, until the loan's end, a signal that is aborted cancels what runs. */
  follow(signal: AbortSignal): void;
  /** The loan is over. @returns when it has settled what was cancelled; nothing if nothing was */
  loanEnded(): Promise<void> | undefined;
  /** The session is being ended, and what runs in it with it. */
  sessionEnds(): void;
}

/**
 * A session: a client that knows what is in flight and what a loan may have left in it. All statements that are given to it pass through its
 * `query`, and all texts that it sends through its {@link SessionWatch}.
 */
export class PgSession extends Client {
  readonly watch: SessionWatch;
  readonly names: NamedStatements;
  readonly judging: Judging | undefined;
  /** Who hears its events besides its own listeners, for as long as they stand here: the clients that it is lent as. */
  readonly borrowers = new Set<EventEmitter>();
  /** What it was lent for. */
  readonly loan: LoanState;
  private readonly statements: StatementQueue;
  /** What cancels its statements, where that is done. */
  cancels: SessionCancels | undefined;
  private readonly lastAnswer: LastAnswer;
  private readonly listenersOf: BorrowersListeners;
  /** What puts the type parsers back that a borrower has replaced. */
  private readonly parsers = new Map<string, () => void>();
  private isChanging = false;
  /** Whether a transaction of ours was begun in this loan, so that somebody's statements might get into it. */
  isShared = false;
  /** Whether a transaction of ours was asked to read only. */
  isReadOnly = false;

  constructor(config: ClientConfig, { judgingOf, loan, parallel }: SessionParts) {
    super({ ...config, pipeline: false }); // not declared: more than one statement at a time
    const judging = judgingOf(this);
    this.judging = judging;
    this.loan = loan;
    this.statements = new StatementQueue(() => {
      if (this.getTransactionStatus() !== 'I') parallel.warn(loan.owner);
    });
    // Before all others, which hear nothing of what these send.
    if (loan.accompanies) new OwnStatements(this, loan, (name) => this.names.sentAs(name)).accompany();
    endOnThrow(this.connection);
    this.names = new NamedStatements(this.connection);
    const judge = judging && ((text: string) => this.judge(text, judging));
    this.watch = new SessionWatch(this, this.names, judge, this.statements);
    this.passStatements();
    this.rememberParsers();
    this.on('end', () => this.endChange());
    this.connection.on('errorMessage', (error: object) => {
      this.statements.failed();
      if (this.isReadOnly) answersReadOnly(error);
    });
    this.lastAnswer = new LastAnswer(this.connection);
    this.listenersOf = new BorrowersListeners([this, this.connection]);
  }

  /** Whether it can be lent on as it is. Nothing is in flight, and nothing was left behind. */
  get isClean(): boolean {
    return this.watch.left === LEFT.nothing && this.isRolledBack && !this.hasTraces;
  }

  /** Whether a borrower may have left something on the client itself. */
  get hasTraces(): boolean {
    return this.listenersOf.changed || this.parsers.size > 0;
  }

  /** Whether nothing is in flight, and no transaction is open. */
  get isRolledBack(): boolean {
    return this.watch.isSettled && this.getTransactionStatus() === 'I';
  }

  /** Who listens now belongs to the session, and nothing was left behind: a loan may begin. */
  open(): void {
    this.listenersOf.own();
    this.startOver();
  }

  /** Asks the server for its own ends, which are nobody's loan. */
  ask<Row extends QueryResultRow>(text: string, values?: unknown[]): Promise<QueryResult<Row>> {
    const give = (): unknown => super.query<Row>(text, values);
    return this.statements.submit([text, values], give) as Promise<QueryResult<Row>>; // it has no callback
  }

  /** Hears that pg is done with its statement, or with all, whichever listeners a borrower has taken off. */
  override emit(...event: Parameters<Client['emit']>): boolean {
    const [name] = event;
    if (name === 'end' || name === 'error') this.statements.end();
    if (name === 'end') this.lastAnswer.give();
    if (name === 'drain') {
      if (this.statements.next()) return true;
      this.watch.settle();
    }
    const heard = super.emit(...event);
    for (const borrower of this.borrowers) if (borrower.listenerCount(name) > 0) borrower.emit(...event);
    return heard;
  }

  /** Puts a mark behind all that it was given. */
  mark(mark: QueueMark): void {
    this.statements.submit([mark], () => super.query(mark));
  }

  /** Takes from the client what a borrower has left on it. */
  restoreClient(): void {
    this.listenersOf.restore();
    for (const putBack of this.parsers.values()) putBack();
    this.parsers.clear();
  }

  /** It is as if nobody had used it. */
  startOver(): void {
    this.watch.startOver();
    this.names.startOver();
    this.isShared = this.isReadOnly = false;
  }

  /** What it was doing to the catalogue is done, or undone. */
  endChange(): void {
    if (this.isChanging) this.judging?.database?.endChange();
    this.isChanging = false;
  }

  private judge(text: string, { database, table }: Judging): Left {
    const known = database?.known?.table;
    const { left, changesDatabase } = (known ?? table).verdictOn(text);
    if (changesDatabase && !this.isChanging && database !== undefined) {
      this.isChanging = true;
      database.beginChange();
    }
    return database !== undefined && known === undefined ? mostOf(left, LEFT.unknown) : left;
  }

  private passStatements(): void {
    const pass = (...args: unknown[]): unknown => {
      const [query] = args;
      const text = textOf(query);
      const refusal =
        (text === undefined ? undefined : this.judging?.refuse?.(text)) ??
        this.cancels?.beforeStatement(text ?? '');
      if (refusal !== undefined) return failStatement(args, refusal);
      const send = (): unknown => {
        const name = nameOf(query);
        if (name !== undefined) this.names.use(name, text);
        this.watch.submitted++;
        return this.statements.submit(args, give);
      };
      return this.isShared ? inTurn(this, args, send) : send();
    };
    const give = (args: readonly unknown[]): unknown => this.give(args);
    this.query = pass as Client['query']; // what comes in goes on as it is, in whichever of its forms
  }

  /** By the class's own method at that moment, which instruments of others may have replaced. */
  private give(args: readonly unknown[]): unknown {
    const { query } = Client.prototype as { query: (this: Client, ...args: unknown[]) => unknown };
    return query.apply(this, [...args]);
  }

  private rememberParsers(): void {
    const { setTypeParser } = Client.prototype;
    const remember = (...args: Parameters<typeof types.setTypeParser>): void => {
      const [oid, second] = args;
      const format = typeof second === 'string' ? second : 'text';
      const key = `${oid} ${format}`;
      if (!this.parsers.has(key)) {
        const former: unknown = this.getTypeParser(oid, format);
        this.parsers.set(key, () => Reflect.apply(setTypeParser, this, [oid, format, former]));
      }
      Reflect.apply(setTypeParser, this, args);
    };
    this.setTypeParser = remember as Client['setTypeParser'];
  }
}
