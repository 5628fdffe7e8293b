import type { OptionReader } from '../../options/option-reader.js';
import type { Duration } from '../../time/duration.js';

/** When a statement is cancelled that nobody waits for any more, and for how long that is tried. */
export interface CancelOptions {
  /** Whether a client that hangs up cancels what runs for it, unless its route says otherwise by `@CancelOnHangUp()`. Default false. */
  onHangUp?: boolean;
  /**
   * How long it is tried to cancel a statement, and to find out that no cancel is still on its way; then the session is destroyed. More than 0, and
   * at most 24 days. Default `'1s'`.
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

/** Most milliseconds that Node's timers take. */
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
