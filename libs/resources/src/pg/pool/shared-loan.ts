import { LeaseReleasedError } from '../../errors/lease-released-error.js';
import {
  ForeignTransactionError,
  type ForeignTransactionProblem,
} from '../../errors/transactions/foreign-transaction-error.js';
import { TransactionRefusedError } from '../../errors/transactions/transaction-refused-error.js';
import { isThenable } from '../../hooks/is-thenable.js';
import type { TransactionTerms } from '../../pool/factory/transaction-control.js';
import type { Clock } from '../../time/clock.js';
import type { Handle } from '../../transactions/lane.js';
import type { OpenTransaction } from '../../transactions/open-transaction.js';
import { inTime } from '../../transactions/in-time.js';
import { TransactionFrame } from '../../transactions/transaction-frame.js';
import type { PgSession } from '../session/pg-session.js';
import { callQuery, failStatement, isSubmittable, textOf } from '../session/statement-of.js';
import type { Around } from './around.js';
import { answer, answerTo, withoutCallback } from './answer.js';
import type { Loan } from './loan.js';
import type { PgPoolSettings } from './pg-pool-options.js';
import { type AskedTerms, type Doing, doingOf } from './transaction-words.js';

/** What a {@link SharedLoan} needs of its pool. */
export interface SharedLoanHost {
  readonly type: string;
  readonly clock: Clock;
  readonly settings: Pick<PgPoolSettings, 'otherTerms' | 'unfit'>;
  /** Longest wait for the turn in the transaction around, in milliseconds. */
  readonly timeout: number;
  /** Borrows another session, for this client alone. */
  separate(): Promise<Loan>;
}

/**
 * A session that others share, mostly that of the transaction that is open around the client. What the client begins is a savepoint in it, and ends with
 * it at the latest.
 *
 * The savepoint is made not by the client's BEGIN but by the first statement after it. Only then it is known which isolation and access the client
 * asks for: several libraries send them after BEGIN, by SET TRANSACTION.
 */
export class SharedLoan implements Loan {
  readonly type: string;
  readonly session: PgSession;
  readonly owner: string;
  /** The terms of the transaction that the client has begun; undefined while it has begun none. */
  private begun: TransactionTerms | undefined;
  /** That transaction, once the first statement has made its savepoint. */
  private inner: OpenTransaction | undefined;
  /** While the client is in a transaction that can't be a part of the one around: its loan of another session. */
  private detour: Loan | undefined;
  /** Whether the client's last attempt to begin a transaction was refused: many libraries send a ROLLBACK after that. */
  private wasRefused = false;
  /** Settled when all that the client has given so far is done. */
  private tail: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly host: SharedLoanHost,
    private readonly around: Around,
  ) {
    this.type = host.type;
    this.session = around.resource as PgSession; // the pool has looked
    this.owner = around.session.owner;
  }

  get ended(): boolean {
    return !this.around.open;
  }

  query(args: unknown[]): unknown {
    const [query] = args;
    const text = textOf(query);
    const doing: Doing = text === undefined ? { kind: 'nothing' } : doingOf(text);
    if (isSubmittable(query)) {
      void this.next(() => this.submit(doing, args)).catch((error: Error) => failStatement(args, error));
      return query;
    }
    const [asked, callback] = withoutCallback(args);
    return answerTo(
      callback,
      this.next(() => this.does(doing, asked)),
    );
  }

  failed(_error: unknown): void {
    // The transaction around learns of it if its own work fails.
  }

  died(): void {
    // The transaction around looks at its session itself.
  }

  async end(broken: unknown): Promise<void> {
    await this.next(async () => {
      this.begun = undefined;
      await this.inner?.rollback(broken).catch(() => undefined); // it has ended with the transaction around
      this.inner = undefined;
      await this.leaveDetour(broken);
    });
  }

  /** Runs one piece of work after the other, in the order in which they were given. */
  private next<R>(work: () => Promise<R>): Promise<R> {
    const result = this.tail.then(work);
    this.tail = result.catch(() => undefined); // its caller hears of it
    return result;
  }

  /** Does what a statement asks for: `BEGIN` and the like are answered here, all else is sent. */
  private does(doing: Doing, asked: unknown[]): Promise<unknown> {
    if (this.detour !== undefined) return this.onDetour(this.detour, doing, asked);
    switch (doing.kind) {
      case 'begin':
        return this.begin(doing, asked);
      case 'terms':
        return this.change(doing, asked);
      case 'commit':
        return this.commit();
      case 'rollback':
        return this.rollBack();
      case 'other':
        throw this.problem('form');
      case 'unfit':
        return this.begun === undefined && this.around.depth > 0 ? this.unfit(asked) : this.ask(asked);
      default:
        return this.ask(asked);
    }
  }

  private async begin(askedTerms: AskedTerms, asked: unknown[]): Promise<unknown> {
    if (!this.fits(askedTerms)) return await this.takeDetour([asked]);
    this.begun ??= askedTerms.terms;
    return answer('BEGIN');
  }

  private async change(askedTerms: AskedTerms, asked: unknown[]): Promise<unknown> {
    const { around, begun } = this;
    if (this.inner === undefined && begun !== undefined) {
      if (!this.fits(askedTerms)) return await this.takeDetour([['BEGIN'], asked]);
      const { isolation = begun.isolation, readOnly = begun.readOnly } = askedTerms.terms;
      this.begun = { isolation, readOnly };
      return answer('SET');
    }
    if (around.depth === 0) return await this.ask(asked);
    this.require(askedTerms);
    return answer('SET');
  }

  /** @returns whether it can be a part of the transaction around; if not, it is to have a session of its own. @throws TransactionRefusedError */
  private fits(askedTerms: AskedTerms): boolean {
    try {
      this.require(askedTerms);
      return true;
    } catch (error) {
      if (this.host.settings.otherTerms === 'separate' && this.inner === undefined) return false;
      this.wasRefused = this.inner === undefined;
      this.begun = this.inner && this.begun;
      throw error;
    }
  }

  /** @throws TransactionRefusedError */
  private require({ terms, isDeferrable }: AskedTerms): void {
    this.around.requireTerms(terms);
    // None of ours waits until it can't fail.
    if (isDeferrable) throw new TransactionRefusedError(this.type, 'isolation', this.owner);
  }

  private async commit(): Promise<unknown> {
    const { begun, inner } = this;
    if (begun === undefined) throw this.problem('end');
    this.begun = this.inner = undefined;
    this.wasRefused = true;
    await inner?.commit();
    this.wasRefused = false;
    return answer('COMMIT');
  }

  private async rollBack(): Promise<unknown> {
    const { begun, inner, wasRefused } = this;
    if (begun === undefined && !wasRefused) throw this.problem('end');
    this.begun = this.inner = undefined;
    this.wasRefused = false;
    await inner?.rollback();
    return answer('ROLLBACK');
  }

  private async unfit(asked: unknown[]): Promise<unknown> {
    if (this.host.settings.unfit === 'refuse') throw this.problem('unfit');
    const loan = await this.host.separate();
    try {
      return await loan.query(asked);
    } finally {
      void loan.end(undefined); // never rejects
    }
  }

  /** Sends a statement, in the client's transaction if it has begun one. */
  private ask(asked: unknown[]): Promise<unknown> {
    return this.inPlace(() => this.give(asked));
  }

  private submit({ kind }: Doing, args: unknown[]): Promise<void> {
    if (kind !== 'nothing') throw this.problem('form');
    const { detour, session } = this;
    if (detour !== undefined) {
      this.requireLent(detour);
      detour.query(args);
      return detour.session.watch.settled();
    }
    const read = async (): Promise<void> => {
      await this.give(args);
      await session.watch.settled();
    };
    return this.inPlace(read, this.handle(true));
  }

  /**
   * Runs work in the client's transaction, or in its turn in the transaction around.
   *
   * @param handle for work that ends when the borrower wants it to
   */
  private async inPlace<R>(work: () => Promise<R>, handle?: Handle): Promise<R> {
    const { around, begun } = this;
    const { lane } = around;
    if (begun !== undefined) {
      this.inner ??= await this.inTime((late) => around.inner(this.handle(false), begun, late));
      return await work();
    }
    if (lane.isTaken) await this.inTime(async (late) => lane.enter(handle, late));
    else void lane.enter(handle);
    try {
      return await work();
    } finally {
      lane.leave();
    }
  }

  /** What others wait for no longer than for a session. */
  private handle(endsItself: boolean): Handle {
    const { clock, timeout } = this.host;
    return {
      endsItself,
      limit: (refuse) => {
        const timer = clock.setTimeout(() => refuse(this.problem('waited')), timeout);
        return () => clock.clearTimeout(timer);
      },
    };
  }

  /** Waits for the turn in the transaction around, as long as for a session. */
  private inTime<R>(work: (late: AbortSignal) => Promise<R>): Promise<R> {
    const { clock, timeout } = this.host;
    return inTime(clock, timeout, () => this.problem('waited'), work);
  }

  /** Gives a statement whose turn has come to the session, in a frame of its own, so that it doesn't wait for the turn again. */
  private give(args: unknown[]): Promise<unknown> {
    this.requireLent(this);
    const { scope, hold } = this.around.session;
    return new TransactionFrame(scope, hold, undefined).run(async () => {
      const answer = callQuery(this.session, args);
      return isThenable(answer) ? await answer : undefined;
    });
  }

  /** Borrows another session for the client's transaction, and sends these statements there. @returns the answer of the last */
  private async takeDetour(statements: unknown[][]): Promise<unknown> {
    this.begun = undefined;
    this.detour = await this.host.separate();
    let last: unknown;
    for (const asked of statements) last = await this.detour.query(asked);
    return last;
  }

  private async onDetour(detour: Loan, { kind }: Doing, asked: unknown[]): Promise<unknown> {
    this.requireLent(detour);
    try {
      return await detour.query(asked);
    } finally {
      if (kind === 'commit' || kind === 'rollback') await this.leaveDetour(undefined);
    }
  }

  /** Its turn may come when the session is another's; one that has died says itself what is wrong. @throws LeaseReleasedError */
  private requireLent({ ended, session }: Pick<Loan, 'ended' | 'session'>): void {
    if (ended && !session.watch.hasEnded) throw new LeaseReleasedError(this.type, this.owner);
  }

  private async leaveDetour(broken: unknown): Promise<void> {
    const { detour } = this;
    this.detour = undefined;
    await detour?.end(broken);
  }

  private problem(problem: ForeignTransactionProblem): ForeignTransactionError {
    return new ForeignTransactionError(this.type, this.owner, problem);
  }
}
