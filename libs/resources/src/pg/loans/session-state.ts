import { checkOptions, type OptionReader } from '../../options/option-reader.js';
import { describeValue } from '../../words/describe-value.js';
import type { LocalSettings } from './local-settings.js';

/** For whom a transaction is, by the loan of its session. */
export interface SessionContext {
  /** Who holds the lease: `OrdersController.find (http)`. */
  readonly owner: string;
  /** The `tenant` with which the lease was asked for. Default: the owner. */
  readonly tenant: string;
  /** The key of a keyed type; empty for any other type. */
  readonly key: string;
  /** The kind of scope, such as `http`, `run` or `use`; empty outside of scopes. */
  readonly kind: string;
  /** Over HTTP, the framework's request; otherwise undefined. */
  readonly request: unknown;
}

/** What is set in each transaction of a loan, and ends with the transaction. */
export interface SessionState {
  /**
   * Called when a transaction begins, whoever begins it, and in whichever way. What it sets is sent along with the `BEGIN`; if it returns a promise, after it.
   * When it throws or rejects, the transaction is not begun, and the `BEGIN` fails with a SessionBeginError. It runs outside of the request's asynchronous
   * context: what it needs to know is in `context`.
   */
  begin(client: LocalSettings, context: SessionContext): unknown;
  /** Called once for each {@link begin}, when that transaction is over, however it ended. What it throws or rejects with becomes a process warning. */
  end?(context: SessionContext): unknown;
}

/** @throws InvalidOptionsError */
export function readSessionState(read: OptionReader, given: SessionState): SessionState {
  checkOptions(given, 'pgResource.session');
  const { begin, end } = read.group('session', given, ['begin', 'end']);
  if (typeof begin !== 'function')
    read.fail('session.begin', `must be a function; got ${describeValue(begin)}.`);
  if (end !== undefined && typeof end !== 'function')
    read.fail('session.end', `must be a function; got ${describeValue(end)}.`);
  return given;
}
