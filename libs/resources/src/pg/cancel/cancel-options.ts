import type { OptionReader } from '../../options/option-reader.js';
import type { Duration } from '../../time/duration.js';

/** When a statement that nobody waits for any more is cancelled, and how long that may take. */
export interface CancelOptions {
  /** Whether the statement of a request is cancelled when its client hangs up, unless the route says otherwise by `@CancelOnHangUp()`. Default false. */
  onHangUp?: boolean;
  /**
   * How long it may take to cancel a statement, and as long again to make sure that no cancel is still on its way; after that, the session is destroyed. More than
   * 0, at most 24 days. Default `'1s'`.
   */
  timeout?: Duration;
}

/** The defaults of {@link CancelOptions}. */
const DEFAULT_CANCEL_OPTIONS = { onHangUp: false, timeout: '1s' } as const satisfies CancelOptions;

/** {@link CancelOptions} read. */
export interface CancelSettings {
  readonly onHangUp: boolean;
  /** Milliseconds, at least 1. */
  readonly timeout: number;
}

/** The longest time that a timer of Node can have, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

/** @returns nothing where nothing is cancelled */
export function readCancelOptions(
  read: OptionReader,
  given: false | CancelOptions | undefined,
): CancelSettings | undefined {
  if (given === false) return undefined;
  const defaults = DEFAULT_CANCEL_OPTIONS;
  const options = read.group<CancelOptions>('cancel', given, Object.keys(defaults));
  const timeout = read.span('cancel.timeout', options.timeout, defaults.timeout);
  if (timeout > LONGEST) read.fail('cancel.timeout', 'must be at most 24 days: a session waits for it.');
  return {
    onHangUp: read.flag('cancel.onHangUp', options.onHangUp, defaults.onHangUp),
    timeout: Math.ceil(timeout),
  };
}
