import type { EventEmitter } from 'node:events';
import { Client, type ClientConfig, type QueryResult, type QueryResultRow, types } from 'pg';
import type { Database } from '../catalogue/database.js';
import { LEFT, type Left, mostOf } from '../left-behind.js';
import type { LoanState } from '../loans/loan-state.js';
import type { ParallelUse } from '../loans/parallel-use.js';
import { answersReadOnly } from '../sql-state.js';
import type { StatementTable } from '../statements/statement-table.js';
import type { TransactionClient } from '../transactions/transaction-client.js';
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

/** How the texts that are sent on a session are judged. */
export interface Judging {
  /** What is known of the session's database; undefined where that makes no difference. */
  readonly database: Database | undefined;
  /** Judges texts as long as nothing is known of the database. */
  readonly table: StatementTable;
  /** Looks at a statement before it is given to the client. @returns the error with which it is refused, if it is */
  readonly refuse?: (text: string) => Error | undefined;
}

/** What a session is made with, besides its connection. */
export interface SessionParts {
  /** Returns undefined where it makes no difference what a loan leaves. */
  readonly judgingOf: (client: Client) => Judging | undefined;
  readonly loan: LoanState;
  readonly parallel: ParallelUse;
}

/** What cancels the statements of a session; implemented by `StatementCancels`. */
export interface SessionCancels {
  /** Called before a borrower's statement is given to the client. @returns the error with which it is refused, if it is */
  beforeStatement(text: string): Error | undefined;
  /** Until the end of the loan, cancels what runs when the signal is aborted. */
  follow(signal: AbortSignal): void;
  /** Called at the end of the loan. @returns a promise that resolves when the cancel has settled; undefined if nothing was cancelled */
  loanEnded(): Promise<void> | undefined;
  /** Called when the session is ended, to cancel what still runs in it. */
  sessionEnds(): void;
}

/**
 * A session: a client that knows what is in flight and what a loan may have left in it. Each statement passes through its `query`, and each text
 * that it sends through its {@link SessionWatch}.
 */
export class PgSession extends Client implements TransactionClient {
  readonly watch: SessionWatch;
  readonly names: NamedStatements;
  readonly judging: Judging | undefined;
  /** The clients that an ORM's pool has lent of it: they emit its events, too. */
  readonly borrowers = new Set<EventEmitter>();
  /** What belongs to the present loan. */
  readonly loan: LoanState;
  private readonly statements: StatementQueue;
  /** Cancels its statements; undefined where that is not done. */
  cancels: SessionCancels | undefined;
  private readonly lastAnswer: LastAnswer;
  private readonly listenersOf: BorrowersListeners;
  /** For each type parser that a borrower has replaced, what puts the former one back. */
  private readonly parsers = new Map<string, () => void>();
  /** Whether a statement of this loan may have changed the database's catalogue. */
  private isChanging = false;
  /** Whether the library has begun a transaction in this loan: then statements of others must be kept out of it. */
  isShared = false;
  /** Whether the transaction that the library has begun is read-only. */
  isReadOnly = false;
  /** How many transactions had ended before ours began. */
  endingsBefore = 0;
  /** Whether a read-only one has refused to write in this loan. */
  hasRefusedWrites = false;

  constructor(config: ClientConfig, { judgingOf, loan, parallel }: SessionParts) {
    super({ ...config, pipeline: false }); // pg would send several statements at a time; its types don't declare it
    const judging = judgingOf(this);
    this.judging = judging;
    this.loan = loan;
    this.statements = new StatementQueue(() => {
      if (this.getTransactionStatus() !== 'I') parallel.warn(loan.owner);
    });
    // Before all others that watch the connection, so that they don't see what it sends.
    if (loan.sendsStatements) new OwnStatements(this, loan, (name) => this.names.sentAs(name)).attach();
    endOnThrow(this.connection);
    this.names = new NamedStatements(this.connection);
    const judge = judging && ((text: string) => this.judge(text, judging));
    this.watch = new SessionWatch(this, this.names, judge, this.statements);
    this.passStatements();
    this.rememberParsers();
    this.on('end', () => this.endChange());
    this.connection.on('errorMessage', (error: object) => {
      this.statements.failed();
      if (this.isReadOnly && answersReadOnly(error)) this.hasRefusedWrites = true;
    });
    this.lastAnswer = new LastAnswer(this.connection);
    this.listenersOf = new BorrowersListeners([this, this.connection]);
  }

  /** Whether it can be lent on as it is: nothing is in flight, and nothing was left behind. */
  get isClean(): boolean {
    return this.watch.left === LEFT.nothing && this.isRolledBack && !this.hasTraces;
  }

  /** Whether a borrower may have left listeners or type parsers on the client. */
  get hasTraces(): boolean {
    return this.listenersOf.changed || this.parsers.size > 0;
  }

  /** Whether nothing is in flight, and no transaction is open. */
  get isRolledBack(): boolean {
    return this.watch.isSettled && this.getTransactionStatus() === 'I';
  }

  /** Makes it ready for its first loan: the listeners that it has now are the session's own. */
  open(): void {
    this.listenersOf.own();
    this.startOver();
  }

  /** Sends a query of the library, which belongs to no loan. */
  ask<Row extends QueryResultRow>(text: string, values?: unknown[]): Promise<QueryResult<Row>> {
    const give = (): unknown => super.query<Row>(text, values);
    return this.statements.submit([text, values], give) as Promise<QueryResult<Row>>; // because it has no callback
  }

  /** An override and no listener, because a borrower may take listeners off. On `drain`, pg is done with its statement. */
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

  /** Puts a mark into the queue, behind all statements that were given until now. */
  mark(mark: QueueMark): void {
    this.statements.submit([mark], () => super.query(mark));
  }

  /** Puts the client's listeners and type parsers back as they were before the loan. */
  restoreClient(): void {
    this.listenersOf.restore();
    for (const putBack of this.parsers.values()) putBack();
    this.parsers.clear();
  }

  /** Forgets the loan, after its reset. */
  startOver(): void {
    this.watch.startOver();
    this.names.startOver();
    this.isShared = this.isReadOnly = this.hasRefusedWrites = false;
  }

  /** Tells the database that the loan's change of its catalogue was committed or undone. */
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
    this.query = pass as Client['query']; // it passes on what it is given, in whichever form
  }

  /** Calls the method that the class has at that moment: instrumentation may have replaced it. */
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
