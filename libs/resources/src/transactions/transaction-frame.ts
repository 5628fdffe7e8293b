import type { AsyncLocalStorage } from 'node:async_hooks';
import { TransactionEndedError } from '../errors/transactions/transaction-ended-error.js';
import { TransactionRefusedError } from '../errors/transactions/transaction-refused-error.js';
import { currentScope, scopeOf } from '../scopes/current-scope.js';
import type { LeaseScope, ScopeHost } from '../scopes/lease-scope.js';
import { type PinnedHold, pinnedHold } from '../scopes/pinned-hold.js';
import type { ScopeHold } from '../scopes/scope-hold.js';
import { Lane } from './lane.js';
import type { OpenTransaction } from './open-transaction.js';

/** A piece of work with one session of its scope, in a transaction or expressly without one. What borrows the type in it shares this session. */
export class TransactionFrame implements PinnedHold<LeaseScope> {
  over = false;
  /** Where transactions that are begun in this work take turns. */
  readonly lane: Lane;
  readonly around: TransactionFrame | undefined = frames.getStore();

  /** @param transaction undefined for work that runs without one */
  constructor(
    readonly scope: LeaseScope,
    readonly hold: ScopeHold,
    readonly transaction: OpenTransaction | undefined,
  ) {
    this.lane = transaction?.lane ?? new Lane();
  }

  /** Whether what is begun now still belongs to this work. */
  get goesOn(): boolean {
    return !this.over && this.transaction?.open !== false;
  }

  async run<R>(work: () => Promise<R>): Promise<R> {
    const { holds } = this.scope;
    holds.pins++;
    try {
      return await frames.run(this, work);
    } finally {
      this.over = true;
      holds.pins--;
    }
  }
}

/** Only frames are ever put into {@link pinnedHold}. */
const frames = pinnedHold as AsyncLocalStorage<TransactionFrame>;

/**
 * The innermost frame of a type (and key) around the code now running, in its scope.
 *
 * @throws TransactionRefusedError if the code has outlived its own frame while a transaction around that is open: it belongs to neither
 */
export function frameIn(
  scope: LeaseScope,
  type: string,
  key: string | undefined,
): TransactionFrame | undefined {
  let isLeft = false;
  for (let frame = frames.getStore(); frame !== undefined; frame = frame.around) {
    if (frame.scope !== scope || frame.hold.type !== type || frame.hold.key !== key) continue;
    if (!frame.goesOn) isLeft = true;
    else if (!isLeft) return frame;
    else if (frame.transaction !== undefined) throw new TransactionRefusedError(type, 'ended', scope.owner);
  }
  return undefined;
}

/**
 * The transaction of a type (and key) in which the code now running is: the innermost one, in its scope.
 *
 * @param coordinator that lends the type
 * @throws TransactionRefusedError as {@link frameIn} does
 */
export function currentTransaction(
  coordinator: ScopeHost,
  type: string,
  key?: string,
): OpenTransaction | undefined {
  const scope = scopeOf(coordinator);
  return scope && frameIn(scope, type, key)?.transaction;
}

/** The transaction on a session in which the code now running is. */
export function transactionOn(hold: ScopeHold): OpenTransaction | undefined {
  let frame = frames.getStore();
  while (frame !== undefined && frame.hold !== hold) frame = frame.around;
  return frame?.goesOn === true ? frame.transaction : undefined;
}

/** The open transactions around the code now running, in its scope: the innermost one of each session. */
export function openTransactions(coordinator: ScopeHost): OpenTransaction[] {
  const scope = scopeOf(coordinator);
  const found = new Map<ScopeHold, OpenTransaction>();
  for (let frame = frames.getStore(); frame !== undefined; frame = frame.around) {
    const { transaction, hold } = frame;
    if (frame.scope === scope && frame.goesOn && transaction !== undefined && !found.has(hold))
      found.set(hold, transaction);
  }
  return [...found.values()];
}

/** Runs work in a transaction that {@link OpenTransaction.inner} has begun: its statements don't wait for its end, and what it begins is begun in it. */
export function runWithin<R>(transaction: OpenTransaction, work: () => R): R {
  const { scope, hold } = transaction.session;
  return frames.run(new TransactionFrame(scope, hold, transaction), work);
}

/** For each session that a scope has on loan, where its outermost transactions take turns. */
const lanes = new WeakMap<ScopeHold, Lane>();

/** Where the outermost transactions on a session take turns. */
export function laneOf(hold: ScopeHold): Lane {
  const lane = lanes.get(hold) ?? new Lane();
  lanes.set(hold, lane);
  return lane;
}

/** Where statements wait for their turn on a session that is on loan. */
interface Turn {
  readonly lane: Lane;
  readonly hold: ScopeHold;
}

/**
 * The lane in which the code now running must wait for its turn before it gives a statement to a resource on loan, so that the statement doesn't get into
 * another's transaction. Undefined outside of any unit of work, such as in a control.
 *
 * @throws TransactionEndedError if the code has outlived its own transaction
 */
export function turnOfStatement(resource: unknown): Turn | undefined {
  for (let frame = frames.getStore(); frame !== undefined; frame = frame.around) {
    if (!frame.hold.lends(resource)) continue;
    if (frame.goesOn) return frame;
    if (frame.transaction !== undefined) throw new TransactionEndedError(frame.hold.type, frame.scope.owner);
  }
  for (let scope = currentScope.getStore(); scope !== undefined; scope = scope.parent) {
    const hold = scope.holdOf(resource);
    if (hold === undefined) continue;
    const lane = lanes.get(hold);
    return lane && { lane, hold };
  }
  return undefined;
}

/** {@link turnOfStatement}, for who looks after the hold himself. */
export function laneOfStatement(resource: unknown): Lane | undefined {
  return turnOfStatement(resource)?.lane;
}
