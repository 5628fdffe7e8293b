import type { AsyncLocalStorage } from 'node:async_hooks';
import { TransactionEndedError } from '../errors/transactions/transaction-ended-error.js';
import { TransactionRefusedError } from '../errors/transactions/transaction-refused-error.js';
import { currentScope, scopeOf } from '../scopes/current-scope.js';
import type { LeaseScope, ScopeHost } from '../scopes/lease-scope.js';
import { type PinnedHold, pinnedHold } from '../scopes/pinned-hold.js';
import type { ScopeHold } from '../scopes/scope-hold.js';
import { Lane } from './lane.js';
import type { OpenTransaction } from './open-transaction.js';

/** Work with a session that is in a transaction, or is known to be in none. All that shares the session in it shares this one. */
export class TransactionFrame implements PinnedHold<LeaseScope> {
  over = false;
  /** For what is begun in it. */
  readonly lane: Lane;
  readonly around: TransactionFrame | undefined = frames.getStore();

  /** @param transaction none for work that runs without one */
  constructor(
    readonly scope: LeaseScope,
    readonly hold: ScopeHold,
    readonly transaction: OpenTransaction | undefined,
  ) {
    this.lane = transaction?.lane ?? new Lane();
  }

  /** Whether something that is begun here now is begun in it. */
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

/** All that is bound to a hold is work in a frame: only they are run. */
const frames = pinnedHold as AsyncLocalStorage<TransactionFrame>;

/**
 * The innermost frame of a type (and key) around the code now running, in its scope.
 *
 * @throws TransactionRefusedError for what goes on after its frame, while a transaction around that is open: it belongs to none of them
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

/** The transactions in which the code now running is, in its scope: of each session, the innermost one. */
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

/** Runs something in a transaction that ends by a call: its statements don't wait for it, and what is begun is begun in it. */
export function runWithin<R>(transaction: OpenTransaction, work: () => R): R {
  const { scope, hold } = transaction.session;
  return frames.run(new TransactionFrame(scope, hold, transaction), work);
}

/** Of what is begun in a scope outside of any other, one lane for each session. */
const lanes = new WeakMap<ScopeHold, Lane>();

export function laneOf(hold: ScopeHold): Lane {
  const lane = lanes.get(hold) ?? new Lane();
  lanes.set(hold, lane);
  return lane;
}

/**
 * Where the code now running has to wait for its turn before it gives a statement to a resource that is on loan: it must not get into a
 * transaction that is open there and not its own. Outside of any unit of work, as in a control, there is nothing to wait for.
 *
 * @throws TransactionEndedError for what goes on after the transaction in which it was begun
 */
export function laneOfStatement(resource: unknown): Lane | undefined {
  for (let frame = frames.getStore(); frame !== undefined; frame = frame.around) {
    if (!frame.hold.lends(resource)) continue;
    if (frame.goesOn) return frame.lane;
    if (frame.transaction !== undefined) throw new TransactionEndedError(frame.hold.type, frame.scope.owner);
  }
  for (let scope = currentScope.getStore(); scope !== undefined; scope = scope.parent) {
    const hold = scope.holdOf(resource);
    if (hold !== undefined) return lanes.get(hold);
  }
  return undefined;
}
