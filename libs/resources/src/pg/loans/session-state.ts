import { checkOptions, type OptionReader } from '../../options/option-reader.js';
import { describeValue } from '../../words/describe-value.js';
import type { LocalSettings } from './local-settings.js';

/** For whom a transaction is: who has borrowed its session. */
export interface SessionContext {
  /** Who holds the lease: `OrdersController.find (http)`. */
  readonly owner: string;
  /** What the lease was asked for with as `tenant`. Default: the owner. */
  readonly tenant: string;
  /** Of a keyed type; empty of any other. */
  readonly key: string;
  /** Of the scope: `http`, `run`, `use`; empty outside of scopes. */
  readonly kind: string;
  /** Over HTTP, the framework's request; otherwise undefined. */
  readonly request: unknown;
}

/** What holds in each transaction of a loan, and ends with it. */
export interface SessionState {
  /**
   * Called when a transaction begins, whoever begins it and how. What it sets is sent along with the `BEGIN`; if it returns a promise, after it.
   * When it throws or rejects, the transaction is not begun. It runs outside of the request's asynchronous context: what it needs to know is in
   * `context`.
   */
  begin(client: LocalSettings, context: SessionContext): unknown;
  /** Called once for each {@link begin}, when that transaction is over, however it ended. What it throws is a warning. */
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
