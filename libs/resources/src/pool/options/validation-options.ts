import { ValidationPolicy } from '../../policies/validation-policy.js';
import type { Duration } from '../../time/duration.js';
import type { OptionReader } from './option-reader.js';

/** When a resource must prove that it is alive. */
export interface ValidationOptions {
  /** Validate before lending. Default: true when the factory has `validate`. */
  onBorrow?: boolean;
  /** Lend without a check what was alive within this time. Default `'500ms'`. */
  aliveBypass?: Duration;
  /** Validate when it comes back, after the reset. Default false. */
  onReturn?: boolean;
  /** Most time for one `validate` or `reset`; then the resource retires. More than 0. Default `'2s'`. */
  timeout?: Duration;
}

/** The defaults of {@link ValidationOptions}. */
export const DEFAULT_VALIDATION_OPTIONS = {
  aliveBypass: '500ms',
  onReturn: false,
  // Shorter than acquireTimeout: a caller whose resource hangs shall have time for another.
  timeout: '2s',
} as const satisfies ValidationOptions;

/** {@link ValidationOptions} read; times in milliseconds. */
export interface ValidationSettings {
  readonly validation: ValidationPolicy;
  readonly validationTimeout: number;
}

const NAMES = ['onBorrow', ...Object.keys(DEFAULT_VALIDATION_OPTIONS)];

/** @param canValidate whether the factory has `validate` */
export function readValidationOptions(
  read: OptionReader,
  given: ValidationOptions | undefined,
  canValidate: boolean,
): ValidationSettings {
  const options = read.group('validation', given, NAMES);
  const defaults = DEFAULT_VALIDATION_OPTIONS;
  const needsValidate = (name: 'onBorrow' | 'onReturn', fallback: boolean): boolean => {
    const asked = read.flag(`validation.${name}`, options[name], fallback);
    if (asked && !canValidate) {
      read.fail(
        `validation.${name}`,
        'needs a factory with a "validate" method; add one, or leave the option out.',
      );
    }
    return asked;
  };
  return {
    validation: new ValidationPolicy(
      needsValidate('onBorrow', canValidate),
      read.duration('validation.aliveBypass', options.aliveBypass, defaults.aliveBypass),
      needsValidate('onReturn', defaults.onReturn),
    ),
    validationTimeout: read.span('validation.timeout', options.timeout, defaults.timeout),
  };
}
