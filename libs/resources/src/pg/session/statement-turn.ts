import { AsyncResource } from 'node:async_hooks';
import type { Client } from 'pg';
import { laneOfStatement } from '../../transactions/transaction-frame.js';
import type { Lane } from '../../transactions/lane.js';
import { callbackOf, failStatement, isSubmittable } from './statement-of.js';

/**
 * Sends a statement when nothing is open on its session that it must not get into.
 *
 * @param args what was given to `query`
 * @param send returns what `query` returns
 */
export function inTurn(session: Client, args: readonly unknown[], send: () => unknown): unknown {
  let lane: Lane | undefined;
  try {
    lane = laneOfStatement(session);
  } catch (error) {
    return failStatement(args, error as Error); // ours
  }
  if (lane?.isTaken !== true) return send();
  const [query] = args;
  if (isSubmittable(query) || callbackOf(args) !== undefined) {
    lane.pass(AsyncResource.bind(send), (error) => failStatement(args, error as Error)); // ours
    return isSubmittable(query) ? query : undefined;
  }
  return new Promise((resolve, reject) => {
    const sendFirst = (): void => void (send() as Promise<unknown>).then(resolve, reject); // without a callback
    lane.pass(AsyncResource.bind(sendFirst), reject);
  });
}
