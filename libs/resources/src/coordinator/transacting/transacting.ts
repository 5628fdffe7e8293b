import { checkWork } from '../../pool/acquire-options.js';
import { openScopeOf } from '../../scopes/current-scope.js';
import type { NeutralGround } from '../../time/neutral-ground.js';
import {
  readTransactionOptions,
  type Propagation,
  type TransactionOptions,
} from '../../transactions/transaction-options.js';
import type { Transaction } from '../../transactions/transaction.js';
import { Transactions, type TransactionWork } from '../../transactions/transactions.js';
import { Processing } from '../processors/processing.js';
import type { Borrowed, NameFor, Unstated } from '../resource-types.js';

/** A propagation with which work may run without a transaction. */
type Perhaps = Extract<Propagation, 'SUPPORTS' | 'NOT_SUPPORTED' | 'NEVER'>;

/** How a coordinator runs work in transactions. It exists so that this is read apart from borrowing, on which it is built. */
export abstract class Transacting extends Processing {
  /** @internal */
  abstract readonly ground: NeutralGround;

  /**
   * Runs work in a transaction on the scope's session of a type, so that all code of the scope that borrows this session is in the transaction, too. It is
   * committed when the work has returned, and rolled back when the work throws. Other transactions on the session wait for their turn, and so do statements that
   * don't belong to this one: so don't await in it what was begun around it. Opens a scope if there is none.
   *
   * @throws what the work throws, what {@link acquire} does, and what the server answers to the commit; TransactionRefusedError,
   * TransactionRolledBackError, TransactionOutcomeUnknownError
   */
  transaction<T = Unstated, R = unknown, K extends NameFor<T> = NameFor<T>>(
    type: K,
    work: (resource: Borrowed<T, K>, transaction: Transaction) => R | PromiseLike<R>,
    options?: TransactionOptions & { propagation?: Exclude<Propagation, Perhaps> },
  ): Promise<R>;
  transaction<T = Unstated, R = unknown, K extends NameFor<T> = NameFor<T>>(
    type: K,
    work: (resource: Borrowed<T, K>, transaction: Transaction | undefined) => R | PromiseLike<R>,
    options?: TransactionOptions,
  ): Promise<R>;
  async transaction<R>(
    type: string,
    given: (resource: never, transaction: never) => R | PromiseLike<R>,
    options: TransactionOptions = {},
  ): Promise<R> {
    checkWork(given, type);
    const work = given as TransactionWork<R>; // the registry knows no types, and the propagation says whether there is a transaction
    const settings = readTransactionOptions(options, type);
    const due = this.clock.now() + settings.timeout;
    const scope = openScopeOf(this);
    if (scope !== undefined) return await new Transactions(this, scope, type, settings, work, due).run();
    return await this.runIn('transaction', settings.loan.owner ?? type, (opened) =>
      new Transactions(this, opened, type, settings, work, due).run(),
    );
  }
}
