import {
  ForeignTransactionError,
  type ForeignTransactionProblem,
} from '../../errors/transactions/foreign-transaction-error.js';
import { TransactionRefusedError } from '../../errors/transactions/transaction-refused-error.js';
import { isThenable } from '../../hooks/is-thenable.js';
import { isObject } from '../../hooks/is-object.js';
import type { TransactionTerms } from '../../pool/factory/transaction-control.js';
import type { Clock } from '../../time/clock.js';
import type { Handle } from '../../transactions/lane.js';
import type { OpenTransaction } from '../../transactions/open-transaction.js';
import { TransactionFrame } from '../../transactions/transaction-frame.js';
import type { PgSession } from '../session/pg-session.js';
import { failStatement, textOf } from '../session/statement-of.js';
import { answer, answerTo, withoutCallback } from './answer.js';
import type { Loan } from './loan.js';
import type { PgPoolSettings } from './pg-pool-options.js';
import { inTurn } from './in-turn.js';
import { type AskedTerms, type Doing, doingOf } from './transaction-words.js';

/** What a shared loan needs of its pool. */
export interface SharedLoanHost {
  readonly type: string;
  readonly clock: Clock;
  readonly settings: Pick<PgPoolSettings, 'otherTerms' | 'unfit'>;
  /** Milliseconds. */
  readonly timeout: number;
  /** A session that nobody else has. */
  separate(): Promise<Loan>;
}

/**
 * The session of a transaction that is open around a client: what the client begins is a savepoint in it, and ends with it at the latest.
 *
 * A savepoint is made by the first statement after a BEGIN, because only then it is known what was asked for: several libraries say it
 * by a SET TRANSACTION of its own.
 */
export class SharedLoan implements Loan {
  readonly type: string;
  readonly session: PgSession;
  readonly owner: string;
  /** What the client has begun, and what it is to be. */
  private begun: TransactionTerms | undefined;
  /** The same, once there was a statement in it. */
  private inner: OpenTransaction | undefined;
  /** A session of its own, for what must not be a part of the transaction around. */
  private detour: Loan | undefined;
  /** Whether what the client last wanted to begin or to keep was refused: many still say ROLLBACK then. */
  private wasRefused = false;
  private tail: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly host: SharedLoanHost,
    private readonly around: OpenTransaction,
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
    if (isObject(query) && typeof Reflect.get(query, 'submit') === 'function') {
      void this.next(() => this.submit(doing, args)).catch((error: Error) => failStatement(args, error));
      return query;
    }
    const [asked, callback] = withoutCallback(args);
    return answerTo(
      callback,
      this.next(() => this.does(doing, asked)),
    );
  }

  failed(): void {
    // The transaction around hears of it, if its work does.
  }

  died(): void {
    // So has the transaction around, which looks itself.
  }

  async end(broken: unknown): Promise<void> {
    await this.next(async () => {
      this.begun = undefined;
      await this.inner?.rollback(broken).catch(() => undefined); // it ended with what is around it
      this.inner = undefined;
      await this.leaveDetour(broken);
    });
  }

  /** One after the other, as they were given. */
  private next<R>(work: () => Promise<R>): Promise<R> {
    const result = this.tail.then(work);
    this.tail = result.catch(() => undefined); // its caller hears of it
    return result;
  }

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
        return this.begun === undefined ? this.unfit(asked) : this.ask(asked);
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
    if (this.inner === undefined && this.begun !== undefined && !this.fits(askedTerms))
      return await this.takeDetour([['BEGIN'], asked]);
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

  /** Sends a statement, in what the client has begun if it has. */
  private ask(asked: unknown[]): Promise<unknown> {
    return this.inPlace(() => this.give(asked));
  }

  private submit({ kind }: Doing, args: unknown[]): Promise<void> {
    if (kind !== 'nothing') throw this.problem('form');
    const { detour, session } = this;
    if (detour !== undefined) {
      detour.query(args);
      return detour.session.watch.settled();
    }
    const read = async (): Promise<void> => {
      await this.give(args);
      await session.watch.settled();
    };
    return this.inPlace(read, this.handle(true));
  }

  /** @param handle for work that ends when the borrower wants it to */
  private async inPlace<R>(work: () => Promise<R>, handle?: Handle): Promise<R> {
    const { around, begun } = this;
    if (begun !== undefined) {
      this.inner ??= await this.beginInner(begun);
      return await work();
    }
    return await this.inTurn(async (begins) => {
      await around.lane.enter(handle);
      try {
        return begins() ? await work() : undefined;
      } finally {
        around.lane.leave();
      }
    });
  }

  private beginInner(terms: TransactionTerms): Promise<OpenTransaction> {
    return this.inTurn(async (begins) => {
      const inner = await this.around.inner(this.handle(false), terms);
      if (begins()) return inner;
      await inner.rollback();
      return undefined;
    });
  }

  /** For what others wait no longer than for a session. */
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

  private inTurn<R>(take: (begins: () => boolean) => Promise<R | undefined>): Promise<R> {
    return inTurn(this.host, take, () => this.problem('waited'));
  }

  /** Its turn has come: there it need not wait for itself. */
  private give(args: unknown[]): Promise<unknown> {
    const { scope, hold } = this.around.session;
    const { query } = this.session as { query: (this: PgSession, ...args: unknown[]) => unknown }; // in any of its forms
    return new TransactionFrame(scope, hold, undefined).run(async () => {
      const answer = query.apply(this.session, args);
      return isThenable(answer) ? await answer : undefined;
    });
  }

  private async takeDetour(statements: unknown[][]): Promise<unknown> {
    this.begun = undefined;
    this.detour = await this.host.separate();
    let last: unknown;
    for (const asked of statements) last = await this.detour.query(asked);
    return last;
  }

  private async onDetour(detour: Loan, { kind }: Doing, asked: unknown[]): Promise<unknown> {
    try {
      return await detour.query(asked);
    } finally {
      if (kind === 'commit' || kind === 'rollback') await this.leaveDetour(undefined);
    }
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
