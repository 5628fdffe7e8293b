import type { Client, QueryResult } from 'pg';
import { BorrowersListeners } from '../session/borrowers-listeners.js';
import { callbackOf, failStatement, isSubmittable } from '../session/statement-of.js';
import { inTurn } from '../session/statement-turn.js';
import { isObject } from '../../hooks/is-object.js';
import { answersReadOnly } from '../sql-state.js';
import { answerTo } from '../pool/answer.js';
import type { TransactionClient } from '../transactions/transaction-client.js';

type Query = (this: Client, ...args: unknown[]) => Promise<QueryResult>;

/**
 * Knows of a session of libpq what can be known of it: whether something is in flight, by a count of what was given to it, because libpq is
 * asked nothing as long as it waits for an earlier answer.
 */
export class NativeWatch {
  /** Statements that borrowers have given to the client, a count. */
  submitted = 0;
  /** Nobody sees which statement ends a transaction. */
  readonly endings = 0;
  /** Whether its connection is gone. */
  hasEnded = false;
  private unanswered = 0;
  private readonly give: Query;
  private readonly listeners: BorrowersListeners;
  /** What puts the type parsers back that a borrower has replaced. */
  private readonly parsers: (() => void)[] = [];

  /** @param session all statements that are given to it pass through here from now on */
  constructor(private readonly session: TransactionClient) {
    const { query } = session as { query: unknown };
    this.give = query as Query; // without a callback it answers by a promise
    const pass = (...args: unknown[]): unknown => this.pass(args);
    session.query = pass as Client['query']; // in whichever of its forms
    this.rememberParsers();
    const ended = (): void => {
      this.hasEnded = true;
    };
    session.on('error', ended);
    session.on('end', ended);
    this.listeners = new BorrowersListeners([session]);
  }

  /** Who listens now belongs to the session. */
  own(): void {
    this.listeners.own();
  }

  /** Whether nothing is in flight. */
  get isSettled(): boolean {
    return this.unanswered === 0 && this.session.getTransactionStatus() !== null;
  }

  /** Resolves when nothing is in flight. It may take for ever. @throws what has ended the session */
  async settled(): Promise<void> {
    if (!this.isSettled) await this.ask('');
  }

  /** Asks the server for our own ends, after all that was given before. */
  ask(text: string): Promise<QueryResult> {
    return this.give.call(this.session, text);
  }

  /** Takes from the client what a borrower has left on it. */
  restoreClient(): void {
    this.listeners.restore();
    for (const putBack of this.parsers.splice(0).toReversed()) putBack();
  }

  private pass(args: unknown[]): unknown {
    const [query] = args;
    if (isSubmittable(query)) return failStatement(args, new NativeStatementError());
    const send = (): unknown => {
      const callback = callbackOf(args) as Parameters<typeof answerTo>[0]; // a borrower's, which takes both
      const asked = args.filter((arg, index) => index === 0 || typeof arg !== 'function');
      if (isObject(query) && callback !== undefined) asked[0] = { ...query, callback: undefined };
      return answerTo(callback, this.count(this.give.apply(this.session, asked)));
    };
    return this.session.isShared ? inTurn(this.session, args, send) : send();
  }

  private async count<R>(answer: Promise<R>): Promise<R> {
    this.submitted++;
    this.unanswered++;
    try {
      return await answer;
    } catch (error) {
      if (this.session.isReadOnly && isObject(error)) answersReadOnly(error);
      throw error;
    } finally {
      this.unanswered--;
    }
  }

  private rememberParsers(): void {
    const { session } = this;
    const set = session.setTypeParser.bind(session) as (...args: unknown[]) => void;
    const remember = (oid: number, ...rest: unknown[]): void => {
      const format = rest.length > 1 ? rest[0] : 'text';
      const former: unknown = Reflect.apply(session.getTypeParser, session, [oid, format]);
      this.parsers.push(() => set(oid, format, former));
      set(oid, ...rest);
    };
    session.setTypeParser = remember as Client['setTypeParser'];
  }
}

/** It would have been given a connection of pg's own. */
class NativeStatementError extends Error {
  constructor() {
    super(
      'A session of libpq takes no statement that submits itself, such as a cursor: that needs a type without "native".',
    );
    this.name = 'NativeStatementError';
  }
}
