import { LeaseReleasedError } from '../errors/lease-released-error.js';
import { TransactionOutcomeUnknownError } from '../errors/transactions/transaction-outcome-unknown-error.js';
import {
  type TransactionRefusal,
  TransactionRefusedError,
} from '../errors/transactions/transaction-refused-error.js';
import { isAborted, withOwnSignal } from '../hooks/abort-signals.js';
import { outcomeOf } from '../hooks/outcome-of.js';
import { TimeLimitError } from '../hooks/time-limit.js';
import { isA } from '../words/is-a.js';
import { factoryOf } from '../pool/leases/collected-leases.js';
import type { LeaseScope } from '../scopes/lease-scope.js';
import type { HoldReference } from '../scopes/scope-hold.js';
import { UseWork } from '../scopes/use-work.js';
import { inTime } from './in-time.js';
import type { Lane } from './lane.js';
import { refuseLateWork } from './late-work.js';
import { OpenTransaction } from './open-transaction.js';
import { frameIn, laneOf, TransactionFrame } from './transaction-frame.js';
import type { TransactionSettings } from './transaction-options.js';
import { type TransactionGround, TransactionSession } from './transaction-session.js';

/** What runs in a transaction, or without one where its propagation allows that. */
export type TransactionWork<R> = (
  resource: unknown,
  transaction: OpenTransaction | undefined,
) => R | PromiseLike<R>;

/** The result of work on a hold. */
interface Done<R> {
  readonly result: R;
}

/** One call of `coordinator.transaction()`: looks for a transaction around it, and by its propagation runs the work in that, in a new one, or without. */
export class Transactions<R> {
  /** @param due the time of the clock, in milliseconds, after which there is no further try */
  constructor(
    private readonly host: TransactionGround,
    private readonly scope: LeaseScope,
    private readonly type: string,
    private readonly settings: TransactionSettings,
    private readonly work: TransactionWork<R>,
    private readonly due: number,
  ) {}

  async run(): Promise<R> {
    const { propagation, loan, terms } = this.settings;
    const frame = frameIn(this.scope, this.type, loan.key);
    const around = frame?.transaction;
    if (frame === undefined || around === undefined) {
      if (propagation === 'MANDATORY') throw this.refusal('mandatory');
      const isPlain = ['SUPPORTS', 'NOT_SUPPORTED', 'NEVER'].includes(propagation);
      return await this.onSession(frame, propagation === 'REQUIRES_NEW', !isPlain);
    }
    switch (propagation) {
      case 'NEVER':
        throw this.refusal('never');
      case 'NOT_SUPPORTED':
        return await this.onSession(frame, true, false);
      case 'REQUIRES_NEW':
        return await this.onSession(frame, true, true);
      default:
        around.requireTerms(terms);
        return await this.inside(frame, around, propagation === 'NESTED');
    }
  }

  /** Runs the work in the transaction around, which it joins, or in a savepoint of that. */
  private async inside(frame: TransactionFrame, around: OpenTransaction, isNested: boolean): Promise<R> {
    const { scope } = this;
    await this.enter(frame.lane);
    let begun: OpenTransaction;
    try {
      begun = await around.begin(isNested);
    } catch (error) {
      frame.lane.leave();
      throw error;
    }
    return await new UseWork(scope).run(() => this.inTransaction(begun));
  }

  /**
   * Runs the work on a session that is in no transaction.
   *
   * @param separate whether on another session than the scope's
   * @param begins whether in a new transaction; otherwise without
   */
  private async onSession(
    frame: TransactionFrame | undefined,
    separate: boolean,
    begins: boolean,
  ): Promise<R> {
    const { scope, type, settings } = this;
    for (;;) {
      const done = await scope.use(type, (reference) => this.onHold(frame, reference, begins), {
        ...settings.loan,
        separate,
      });
      if (done !== undefined) return done.result;
    }
  }

  /** @returns undefined if the loan ended while the work waited for its turn: then another session is taken */
  private async onHold(
    frame: TransactionFrame | undefined,
    reference: HoldReference,
    begins: boolean,
  ): Promise<Done<R> | undefined> {
    const { hold } = reference;
    const lane = frame?.hold === hold ? frame.lane : laneOf(hold);
    await this.enter(lane);
    try {
      if (reference.ended) return undefined;
      return { result: begins ? await this.tries(reference) : await this.without(reference) };
    } finally {
      lane.leave();
      if (hold.separate) void hold.release(); // with what the work has borrowed of it
    }
  }

  private async without(reference: HoldReference): Promise<R> {
    const frame = new TransactionFrame(this.scope, reference.hold, undefined);
    return await frame.run(async () => {
      try {
        return await this.settle(reference.resource, undefined);
      } finally {
        await frame.lane.quiet();
      }
    });
  }

  private async tries(reference: HoldReference): Promise<R> {
    const { host, settings } = this;
    const session = this.sessionOf(reference);
    for (let failed = 1; ; failed++) {
      try {
        const begun = await OpenTransaction.begin(session, settings.terms);
        return await this.inTransaction(begun);
      } catch (error) {
        const delay = settings.retry.delayAfter(failed, Math.random());
        if (delay === undefined || !this.mayRetry(session, error)) throw error;
        if (host.clock.now() + delay >= this.due) throw error;
        await this.pause(delay);
        const { signal } = settings.loan;
        if (reference.ended || (signal !== undefined && isAborted(signal))) throw error;
      }
    }
  }

  /** Waits, but for nobody who waits no longer. */
  private async pause(delay: number): Promise<void> {
    const { clock } = this.host;
    await withOwnSignal(
      this.settings.loan.signal,
      (signal) =>
        new Promise<void>((resolve) => {
          const over = (): void => {
            clock.clearTimeout(timer);
            signal?.removeEventListener('abort', over);
            resolve();
          };
          const timer = clock.setTimeout(over, delay);
          signal?.addEventListener('abort', over);
          if (signal?.aborted === true) over();
        }),
    );
  }

  /** Runs the work in a transaction, and commits that or rolls it back. */
  private async inTransaction(transaction: OpenTransaction): Promise<R> {
    const frame = new TransactionFrame(this.scope, transaction.session.hold, transaction);
    return await frame.run(async () => {
      let result: R;
      try {
        result = await this.settle(transaction.resource, transaction);
      } catch (error) {
        await transaction.rollback(error);
        throw error;
      }
      await transaction.commit();
      return result;
    });
  }

  /** Calls the work. What it returns may be a thenable that begins only when `then` is called. */
  private async settle(resource: unknown, transaction: OpenTransaction | undefined): Promise<R> {
    const result = await new Promise<R>((resolved, rejected) => {
      outcomeOf(this.work(resource, transaction), { resolved, rejected });
    });
    if (transaction !== undefined) refuseLateWork(result, 'work', this.type);
    return result;
  }

  /**
   * Waits for its turn. The deadlock watch is told that its work waits.
   *
   * @throws AcquireAbortedError when its signal or its time-out ends that
   */
  private async enter(lane: Lane): Promise<void> {
    if (!lane.isTaken) return void lane.enter();
    const { scope, settings } = this;
    const work = UseWork.current(scope);
    work?.waitBegan();
    try {
      await withOwnSignal(settings.loan.signal, (given) =>
        this.inTime((late) => {
          const signal = given === undefined ? late : AbortSignal.any([given, late]);
          return this.takeTurn(lane, signal);
        }),
      );
    } finally {
      work?.waitEnded();
    }
  }

  private async takeTurn(lane: Lane, signal: AbortSignal): Promise<void> {
    try {
      await lane.enter(undefined, signal);
    } catch (error) {
      if (signal.aborted)
        await this.scope.host.lender.lendTo(this.scope, this.type, { ...this.settings.loan, signal }); // rejects with the pool's error for an abort
      throw error;
    }
  }

  private inTime(work: (late: AbortSignal) => Promise<void>): Promise<void> {
    const { clock } = this.host;
    const tooLate = (): Error => new TimeLimitError('transaction', this.settings.timeout);
    return inTime(clock, this.due - clock.now(), tooLate, work);
  }

  private mayRetry(session: TransactionSession, error: unknown): boolean {
    if (isA(error, TransactionOutcomeUnknownError)) return false;
    return !session.isLost && session.effectOf(error) === 'retry';
  }

  private sessionOf(reference: HoldReference): TransactionSession {
    const { lease } = reference.hold;
    if (lease === undefined) throw new LeaseReleasedError(this.type, reference.owner);
    const control = factoryOf(lease)?.transactions;
    if (control === undefined) throw this.refusal('control');
    return new TransactionSession(this.scope, reference, control, this.host);
  }

  private refusal(reason: TransactionRefusal): TransactionRefusedError {
    return new TransactionRefusedError(this.type, reason, this.scope.owner);
  }
}
