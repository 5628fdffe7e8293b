import { TransactionEndedError } from '../errors/transactions/transaction-ended-error.js';
import { TransactionOutcomeUnknownError } from '../errors/transactions/transaction-outcome-unknown-error.js';
import { TransactionRefusedError } from '../errors/transactions/transaction-refused-error.js';
import {
  type RollbackReason,
  TransactionRolledBackError,
} from '../errors/transactions/transaction-rolled-back-error.js';
import { isA } from '../words/is-a.js';
import { checkWork } from '../pool/acquire-options.js';
import type { TransactionTerms } from '../pool/factory/transaction-control.js';
import { type Handle, Lane } from './lane.js';
import type { Transaction } from './transaction.js';
import { EndListeners, type TransactionOutcome } from './end-listeners.js';
import type { TransactionSession } from './transaction-session.js';

/**
 * An open transaction. There are three kinds: one that was begun on its session (it has no parent), one that is a savepoint in its parent, and one that
 * has joined its parent, for which to be rolled back means to mark the parent for rollback.
 *
 * It ends once, by {@link commit} or {@link rollback}. What is begun in it ends with it at the latest, and takes turns in its {@link lane}.
 */
export class OpenTransaction implements Transaction {
  readonly lane = new Lane();
  private readonly listeners: EndListeners;
  private isOpen = true;
  /** Why it can only be rolled back; undefined as long as it may be committed. */
  private doom: { readonly reason: RollbackReason; readonly cause: unknown } | undefined;
  /** The transaction that {@link inner} has begun in it, while that is open. */
  private handle: OpenTransaction | undefined;

  private constructor(
    readonly session: TransactionSession,
    readonly terms: TransactionTerms,
    private readonly parent: OpenTransaction | undefined,
    private readonly savepoint: string | undefined,
    /** Called when it has ended: leaves the parent's lane. */
    private readonly left: () => void,
  ) {
    this.listeners = new EndListeners(session);
  }

  /**
   * Begins one on a session that has none.
   *
   * @param left is called when it has ended
   * @throws what its control throws. Unless that is a TransactionRefusedError, the transaction may have begun: it is rolled back, or else the session is
   * destroyed
   */
  static async begin(
    session: TransactionSession,
    terms: TransactionTerms,
    left = () => undefined as void,
  ): Promise<OpenTransaction> {
    try {
      await session.begin(terms);
    } catch (error) {
      if (!isA(error, TransactionRefusedError)) await session.rollback();
      throw error;
    }
    return new OpenTransaction(session, terms, undefined, undefined, left);
  }

  get isolation(): TransactionTerms['isolation'] {
    return this.terms.isolation;
  }

  get readOnly(): boolean | undefined {
    return this.terms.readOnly;
  }

  get depth(): number {
    return (this.parent?.depth ?? 0) + (this.parent === undefined || this.savepoint !== undefined ? 1 : 0);
  }

  /** Whether it has not ended yet. */
  get open(): boolean {
    return this.isOpen;
  }

  /** The session's resource. @throws TransactionEndedError */
  get resource(): unknown {
    this.requireOpen();
    return this.session.resource;
  }

  afterCommit(hook: () => unknown): void {
    checkWork(hook, this.session.type);
    this.whenEnded((outcome) => (outcome === 'committed' ? hook() : undefined));
  }

  afterRollback(hook: (cause: unknown) => unknown): void {
    checkWork(hook, this.session.type);
    this.whenEnded((outcome, cause) => (outcome === 'rolledBack' ? hook(cause) : undefined));
  }

  /** Calls a listener when the outcome is final: at the outermost commit, or when this or one around it is rolled back. @throws TransactionEndedError */
  whenEnded(listener: (outcome: TransactionOutcome, cause: unknown) => unknown): void {
    this.requireOpen();
    this.listeners.add(listener);
  }

  setRollbackOnly(cause?: unknown): void {
    this.requireOpen();
    this.mark('marked', cause);
  }

  /**
   * Begins a savepoint in it, as a transaction that its caller ends by a call. It waits for its turn; until it has ended, nothing else is begun here. Its own
   * statements are given in `runWithin`; all others wait for its end, as long as the handle lets them.
   *
   * @param signal ends the wait for the turn
   * @throws TransactionRefusedError for terms that this one does not have, or when there are no savepoints; TransactionEndedError; what the
   * control does; the signal's reason
   */
  async inner(handle: Handle, terms: TransactionTerms = {}, signal?: AbortSignal): Promise<OpenTransaction> {
    this.requireTerms(terms);
    await this.lane.enter(handle, signal);
    try {
      this.handle = await this.begin(true);
      return this.handle;
    } catch (error) {
      this.lane.leave();
      throw error;
    }
  }

  /**
   * Begins one in it whose turn has come.
   *
   * @param isNested whether it is a savepoint; otherwise it joins
   * @throws TransactionEndedError; what the control throws
   */
  async begin(isNested: boolean): Promise<OpenTransaction> {
    this.requireOpen();
    const left = (): void => {
      this.handle = undefined;
      this.lane.leave();
    };
    if (!isNested) return new OpenTransaction(this.session, this.terms, this, undefined, left);
    if (!this.session.hasSavepoints) throw this.refusal('savepoints');
    const name = this.session.nextSavepoint();
    await this.session.savepoint(name);
    return new OpenTransaction(this.session, this.terms, this, name, left);
  }

  /** @throws TransactionRefusedError for terms that it does not have, TransactionEndedError */
  requireTerms({ isolation, readOnly }: TransactionTerms): void {
    this.requireOpen();
    if (isolation !== undefined && isolation !== this.isolation) throw this.refusal('isolation');
    if (readOnly !== undefined && readOnly !== (this.readOnly ?? false)) throw this.refusal('access');
  }

  /**
   * Commits it; with a parent, it becomes a part of that. It waits for the work in it.
   *
   * @throws TransactionRolledBackError or what the server answers, if nothing is kept; TransactionOutcomeUnknownError; TransactionEndedError
   */
  async commit(): Promise<void> {
    await this.close();
    if (this.doom !== undefined) {
      const { reason, cause } = this.doom;
      const error = new TransactionRolledBackError(this.session.type, reason, cause);
      await this.undo(cause ?? error);
      throw error;
    }
    if (this.parent === undefined) await this.commitAll();
    else await this.joinParent(this.parent);
  }

  /** Rolls it back. A session on which that can't be done is destroyed. @throws TransactionEndedError */
  async rollback(cause?: unknown): Promise<void> {
    await this.close();
    await this.undo(cause);
  }

  private async commitAll(): Promise<void> {
    const { session } = this;
    try {
      await session.commit();
    } catch (error) {
      const isUnknown = session.effectOf(error) === 'unknown';
      if (!isUnknown) {
        await this.undo(error);
        throw error;
      }
      session.destroy(error);
      this.end('unknown', error);
      throw new TransactionOutcomeUnknownError(session.type, session.owner, error);
    }
    this.end('committed', undefined);
  }

  private async joinParent(parent: OpenTransaction): Promise<void> {
    if (this.savepoint !== undefined) {
      try {
        await this.session.release(this.savepoint);
      } catch (cause) {
        await this.undo(cause);
        throw new TransactionRolledBackError(this.session.type, 'failed', cause);
      }
    }
    this.listeners.moveTo(parent.listeners);
    this.left();
  }

  private async undo(cause: unknown): Promise<void> {
    const { session, parent, savepoint } = this;
    if (parent === undefined) await session.rollback();
    else if (savepoint === undefined) parent.mark('marked', cause);
    else if (!(await session.rollbackTo(savepoint))) parent.mark('lost', cause);
    if (parent === undefined || savepoint !== undefined) return this.end('rolledBack', cause);
    this.listeners.moveTo(parent.listeners);
    this.left();
  }

  /** Waits for the work in it, and lets nobody use it any more. @throws TransactionEndedError */
  private async close(): Promise<void> {
    this.requireOpen();
    await this.lane.quiet();
    this.requireOpen();
    this.isOpen = false;
    this.lane.end(this.ended());
    if (this.handle !== undefined || this.lane.hasHandle) this.mark('unfinished', undefined);
    if (this.session.isLost) this.mark('lost', undefined);
    this.handle?.endWithParent();
  }

  /** Its parent has ended, and was rolled back because this one was still open. */
  private endWithParent(): void {
    this.isOpen = false;
    this.lane.end(this.ended());
    this.handle?.endWithParent();
    this.end('rolledBack', this.ended());
  }

  private mark(reason: RollbackReason, cause: unknown): void {
    this.doom ??= { reason, cause };
  }

  private end(outcome: TransactionOutcome, cause: unknown): void {
    this.left();
    this.listeners.tell(outcome, cause);
  }

  private requireOpen(): void {
    if (!this.isOpen) throw this.ended();
  }

  private ended(): TransactionEndedError {
    return new TransactionEndedError(this.session.type, this.session.owner);
  }

  private refusal(reason: 'isolation' | 'access' | 'savepoints'): TransactionRefusedError {
    return new TransactionRefusedError(this.session.type, reason, this.session.owner);
  }
}
