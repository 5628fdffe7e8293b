import type { IsFatal } from '../../hooks/work-failure.js';
import { ValidationPolicy } from '../../policies/upkeep/validation-policy.js';
import type { Duration } from '../../time/duration.js';
import { isGroup, type OptionReader } from '../../options/option-reader.js';

/** When a resource must prove that it is alive. */
export interface ValidationOptions {
  /** Validate before lending. Default: true when the factory has `validate`. */
  onBorrow?: boolean;
  /** Lend a resource without a check if it was alive within this time. Default `'500ms'`. */
  aliveBypass?: Duration;
  /** Validate when it comes back, after the reset. Default false. */
  onReturn?: boolean;
  /**
   * An idle resource that was unused for this long (or up to a tenth less) is validated, which also keeps it from being cut
   * off by firewalls and proxies. More than 0. Default `Infinity`: never.
   */
  keepAlive?: Duration;
  /** Most time for one `validate` or `reset`, or for each kind; then the resource retires. More than 0. Default `'2s'`. */
  timeout?: Duration | ValidationTimeouts;
  /**
   * Whether an error that a handler, `run` or work in `use` has thrown while it held a resource means that the resource is broken: `true`
   * retires it. It must be quick and not throw. Annotate the resource with your type. Default: no error does.
   */
  isFatal?: IsFatal;
}

/** Time-outs by kind, each more than 0. Default `'2s'` each. */
export interface ValidationTimeouts {
  /** For `validate` before a loan. */
  onBorrow?: Duration;
  /** For `validate` after a loan. */
  onReturn?: Duration;
  /** For `validate` of an idle resource. */
  keepAlive?: Duration;
  /** For `reset`. */
  reset?: Duration;
}

/** The defaults of {@link ValidationOptions}. */
export const DEFAULT_VALIDATION_OPTIONS = {
  aliveBypass: '500ms',
  onReturn: false,
  keepAlive: Infinity,
  // Shorter than acquireTimeout: a caller whose resource hangs must have time for another.
  timeout: '2s',
} as const satisfies ValidationOptions;

/** {@link ValidationOptions} read; times in milliseconds. */
export interface ValidationSettings {
  readonly validation: ValidationPolicy;
  readonly validationTimeouts: Readonly<Record<keyof ValidationTimeouts, number>>;
  readonly isFatal: IsFatal | undefined;
}

const NAMES = ['onBorrow', ...Object.keys(DEFAULT_VALIDATION_OPTIONS), 'isFatal'];
const TIMEOUTS = ['onBorrow', 'onReturn', 'keepAlive', 'reset'] as const;

/** @param canValidate whether the factory has `validate` */
export function readValidationOptions(
  read: OptionReader,
  given: ValidationOptions | undefined,
  canValidate: boolean,
): ValidationSettings {
  const options = read.group('validation', given, NAMES);
  const defaults = DEFAULT_VALIDATION_OPTIONS;
  const needsValidate = (name: 'onBorrow' | 'onReturn' | 'keepAlive', asked: boolean): void => {
    if (!asked || canValidate) return;
    read.fail(
      `validation.${name}`,
      'needs a factory with a "validate" method; add one, or leave the option out.',
    );
  };
  const flag = (name: 'onBorrow' | 'onReturn', fallback: boolean): boolean => {
    const asked = read.flag(`validation.${name}`, options[name], fallback);
    needsValidate(name, asked);
    return asked;
  };
  const keepAlive = read.span('validation.keepAlive', options.keepAlive, defaults.keepAlive);
  needsValidate('keepAlive', keepAlive !== Infinity);
  return {
    validation: new ValidationPolicy(
      flag('onBorrow', canValidate),
      read.duration('validation.aliveBypass', options.aliveBypass, defaults.aliveBypass),
      flag('onReturn', defaults.onReturn),
      keepAlive,
    ),
    validationTimeouts: readTimeouts(read, options.timeout),
    isFatal: read.callback('validation.isFatal', options.isFatal),
  };
}

function readTimeouts(
  read: OptionReader,
  timeout: ValidationOptions['timeout'],
): ValidationSettings['validationTimeouts'] {
  const option = 'validation.timeout';
  const fallback = DEFAULT_VALIDATION_OPTIONS.timeout;
  if (isGroup(timeout)) {
    const { onBorrow, onReturn, keepAlive, reset } = read.group(option, timeout, TIMEOUTS);
    return {
      onBorrow: read.span(`${option}.onBorrow`, onBorrow, fallback),
      onReturn: read.span(`${option}.onReturn`, onReturn, fallback),
      keepAlive: read.span(`${option}.keepAlive`, keepAlive, fallback),
      reset: read.span(`${option}.reset`, reset, fallback),
    };
  }
  const all = read.span(option, timeout, fallback);
  return { onBorrow: all, onReturn: all, keepAlive: all, reset: all };
}
