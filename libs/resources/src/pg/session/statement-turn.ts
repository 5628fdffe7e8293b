import { AsyncResource } from 'node:async_hooks';
import type { Client } from 'pg';
import { laneOfStatement } from '../../transactions/transaction-frame.js';
import type { Lane } from '../../transactions/lane.js';
import { callbackOf, failStatement, isSubmittable } from './statement-of.js';

/**
 * Sends a statement when no transaction is open on its session that it doesn't belong to; until then, it waits.
 *
 * @param args what was given to `query`
 * @param send returns what `query` returns
 */
export function inTurn(session: Client, args: readonly unknown[], send: () => unknown): unknown {
  let lane: Lane | undefined;
  try {
    lane = laneOfStatement(session);
  } catch (error) {
    return failStatement(args, error as Error); // always a TransactionEndedError
  }
  if (lane?.isTaken !== true) return send();
  const [query] = args;
  if (isSubmittable(query) || callbackOf(args) !== undefined) {
    lane.pass(AsyncResource.bind(send), (error) => failStatement(args, error as Error)); // always a TransactionEndedError
    return isSubmittable(query) ? query : undefined;
  }
  return new Promise((resolve, reject) => {
    const sendFirst = (): void => void (send() as Promise<unknown>).then(resolve, reject); // a promise, because there is no callback
    lane.pass(AsyncResource.bind(sendFirst), reject);
  });
}
