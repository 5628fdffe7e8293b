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
import { Lane } from './lane.js';
import type { Transaction } from './transaction.js';
import { EndListeners, type TransactionOutcome } from './end-listeners.js';
import type { TransactionSession } from './transaction-session.js';

/**
 * A transaction that is open: one that was begun on its session (it has no parent), one that is a savepoint in another, or one that has joined
 * another, which only says for it whether all may be kept. Each has a lane for what is begun in it.
 *
 * It ends once, by {@link commit} or {@link rollback}; what is begun in it ends with it at the latest.
 */
export class OpenTransaction implements Transaction {
  readonly lane = new Lane();
  private readonly listeners: EndListeners;
  private isOpen = true;
  /** Why nothing may be kept. */
  private doom: { readonly reason: RollbackReason; readonly cause: unknown } | undefined;
  /** What is open in it and ends by a call. */
  private handle: OpenTransaction | undefined;

  private constructor(
    readonly session: TransactionSession,
    readonly terms: TransactionTerms,
    private readonly parent: OpenTransaction | undefined,
    private readonly savepoint: string | undefined,
    private readonly left: () => void,
  ) {
    this.listeners = new EndListeners(session);
  }

  /**
   * Begins one on a session that has none.
   *
   * @param left is called when it has ended
   * @throws what its control does; unless that has refused it, it may have begun, and the session is destroyed unless that can be undone
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

  /** Whether it has not ended. */
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

  /** Hears how all of it has ended, as a hook does. @throws TransactionEndedError */
  whenEnded(listener: (outcome: TransactionOutcome, cause: unknown) => unknown): void {
    this.requireOpen();
    this.listeners.add(listener);
  }

  setRollbackOnly(cause?: unknown): void {
    this.requireOpen();
    this.mark('marked', cause);
  }

  /**
   * Begins one in it that ends by a call: a savepoint. It waits for its turn; nothing else is begun here until it has ended. Statements of its
   * own are given in `runWithin`; any other waits for its end.
   *
   * @throws TransactionRefusedError for terms that this one does not have, or when there are no savepoints; TransactionEndedError; what the
   * control does
   */
  async inner(terms: TransactionTerms = {}): Promise<OpenTransaction> {
    this.requireTerms(terms);
    await this.lane.enter(true);
    try {
      this.handle = await this.begin(true);
      return this.handle;
    } catch (error) {
      this.lane.leave();
      throw error;
    }
  }

  /** Begins one in it, whose turn it is: a savepoint, or a part that only has a say. @throws TransactionEndedError, what the control does */
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
   * Keeps all of it, as far as what is around it will be. It waits for what is at work in it.
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

  /** Undoes all of it, however that is done: a session of which it is not known is destroyed. @throws TransactionEndedError */
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

  /** From now on it is used by nobody else. */
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

  /** What is around it has ended, and was not kept. */
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
