import { AsyncResource } from 'node:async_hooks';
import type { Client } from 'pg';
import { LeaseReleasedError } from '../../errors/lease-released-error.js';
import { turnOfStatement } from '../../transactions/transaction-frame.js';
import { callbackOf, failStatement, isSubmittable } from './statement-of.js';

/**
 * Sends a statement when no transaction is open on its session that it doesn't belong to; until then, it waits.
 *
 * @param args what was given to `query`
 * @param send returns what `query` returns
 */
export function inTurn(session: Client, args: readonly unknown[], send: () => unknown): unknown {
  let turn: ReturnType<typeof turnOfStatement>;
  try {
    turn = turnOfStatement(session);
  } catch (error) {
    return failStatement(args, error as Error); // always a TransactionEndedError
  }
  if (turn?.lane.isTaken !== true) return send();
  const [query] = args;
  const { lane, hold } = turn;
  /** The loan may be over by then, and the session another's. */
  const sendLate = (): unknown =>
    hold.lends(session)
      ? send()
      : failStatement(args, new LeaseReleasedError(hold.type, hold.lease?.owner ?? ''));
  if (isSubmittable(query) || callbackOf(args) !== undefined) {
    lane.pass(AsyncResource.bind(sendLate), (error) => failStatement(args, error as Error)); // always a TransactionEndedError
    return isSubmittable(query) ? query : undefined;
  }
  return new Promise((resolve, reject) => {
    const sendFirst = (): void => void (sendLate() as Promise<unknown>).then(resolve, reject); // a promise, because there is no callback
    lane.pass(AsyncResource.bind(sendFirst), reject);
  });
}
