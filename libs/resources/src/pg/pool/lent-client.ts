import { EventEmitter } from 'node:events';
import { Client, type PoolClient } from 'pg';
import { LeaseReleasedError } from '../../errors/lease-released-error.js';
import { isThenable } from '../../hooks/is-thenable.js';
import { failStatement } from '../session/statement-of.js';
import type { PgSession } from '../session/pg-session.js';
import { type Callback, withoutCallback } from './answer.js';
import type { Loan } from './loan.js';

/**
 * What an ORM gets for a client: one loan of a session. The session goes on to the next borrower, this object doesn't. So listeners that are put on
 * it end with it, and a statement after its release is refused, whoever has the session then.
 */
export class LentClient extends EventEmitter {
  readonly processID: number | null;
  /** A function that needs no `this`, because callbacks are given it by itself, too. A second call does nothing: Knex makes one after a stream that was not read to its end. */
  readonly release: (broken?: unknown) => void;
  private isReleased = false;
  private hasDied = false;
  /** What has ended the loan, if that was a statement of it. */
  private failure: Error | undefined;

  /** @param released called once, when it is given back: with what `release` was given, and a promise that resolves when the loan has ended */
  constructor(
    private readonly loan: Loan,
    private readonly released: (broken: unknown, gone: Promise<void>) => void,
  ) {
    super();
    const { session } = loan;
    this.processID = (session as { processID?: number | null }).processID ?? null; // pg's types don't declare it
    session.borrowers.add(this);
    // Not every library releases a client that has died.
    this.once('end', () => {
      this.hasDied = true;
      loan.died();
    });
    this.release = (broken) => {
      if (!this.isReleased) void this.giveBack(broken); // never rejects
    };
  }

  /** As pg's types know it. Its prototype is put below that of pg's Client, whose constructor must not run. */
  get client(): PoolClient {
    return this as unknown as PoolClient;
  }

  /** The session's own. @throws LeaseReleasedError after the release */
  get connection(): Client['connection'] {
    return this.session.connection;
  }

  get user(): string | undefined {
    return this.loan.session.user;
  }

  get database(): string | undefined {
    return this.loan.session.database;
  }

  get host(): string {
    return this.loan.session.host;
  }

  get port(): number {
    return this.loan.session.port;
  }

  get ssl(): boolean {
    return this.loan.session.ssl;
  }

  get pipeline(): boolean {
    return this.loan.session.pipeline;
  }

  query(...args: unknown[]): unknown {
    if (this.hasEnded) return failStatement(args, this.endError);
    const failed = (error: unknown): void => this.failed(error);
    const [asked, callback] = withoutCallback(args);
    if (callback !== undefined) asked.push(told(callback, failed));
    const answer = this.loan.query(asked);
    if (isThenable(answer)) answer.then(undefined, failed); // of whatever class pg was told to make
    return answer;
  }

  getTransactionStatus(): ReturnType<Client['getTransactionStatus']> {
    return this.hasEnded ? null : this.loan.session.getTransactionStatus();
  }

  getTypeParser(...args: unknown[]): unknown {
    return Reflect.apply(this.session.getTypeParser, this.session, args);
  }

  setTypeParser(...args: unknown[]): void {
    Reflect.apply(this.session.setTypeParser, this.session, args);
  }

  /** Resolves when nothing is in flight in its session. @throws Error when that has ended */
  settled(): Promise<void> {
    return this.loan.session.watch.settled();
  }

  /** Fails as pg's does: it is connected already. */
  connect(callback?: (error: Error) => void): Promise<never> | undefined {
    const error = new Error('A client that was lent by a pool is connected already.');
    if (callback === undefined) return Promise.reject(error);
    process.nextTick(callback, error);
    return undefined;
  }

  /** Ends the loan, and the session with it. */
  end(callback?: () => void): Promise<void> | undefined {
    const gone = this.isReleased ? Promise.resolve() : this.giveBack(ENDED);
    if (callback === undefined) return gone;
    void gone.then(() => process.nextTick(callback));
    return undefined;
  }

  /** Whether statements are refused here. A session that has died is lent to nobody else, and refuses them with a better error itself. */
  private get hasEnded(): boolean {
    return this.isReleased || (this.loan.ended && !this.hasDied);
  }

  /** The session that it lends. @throws LeaseReleasedError after the end of the loan */
  get session(): PgSession {
    if (this.hasEnded) throw this.endError;
    return this.loan.session;
  }

  private get endError(): Error {
    if (this.failure !== undefined && !this.isReleased) return this.failure;
    return new LeaseReleasedError(this.loan.type, this.loan.owner);
  }

  private failed(error: unknown): void {
    const { loan } = this;
    if (loan.ended) return;
    loan.failed(error);
    if (loan.ended) this.failure = error as Error; // of pg or the server; many say ROLLBACK then, and tell only what comes of that
  }

  private giveBack(broken: unknown): Promise<void> {
    this.isReleased = true;
    this.loan.session.borrowers.delete(this);
    const gone = this.loan.end(broken);
    this.released(broken, gone);
    return gone;
  }
}

Object.setPrototypeOf(LentClient.prototype, Client.prototype);

const ENDED = new Error('the borrower has ended the session');

/** Wraps a callback, so that an error is given to `failed`, too. */
function told(callback: Callback, failed: (error: unknown) => void): Callback {
  return (error, result) => {
    if (error) failed(error);
    callback(error, result);
  };
}
