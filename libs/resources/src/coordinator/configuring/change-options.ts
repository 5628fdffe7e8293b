import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { readCallersOptions } from '../../options/callers-options.js';
import { readClaim } from '../../options/read-claim.js';
import { OptionReader, OWN_NAME } from '../../options/option-reader.js';
import {
  type CanaryOptions,
  type ChangeSettings,
  readReconfigureOptions,
} from '../../pool/generations/reconfigure-options.js';
import { describeValue } from '../../words/describe-value.js';

/** Options of whatever brings a former configuration back. */
interface BringBackOptions {
  /** Who asks for it, for the history. Nobody checks it. At most 200 characters. */
  by?: string;
}

/** Options of {@link ResourceCoordinator.rollback}. */
export interface RollbackOptions extends BringBackOptions {
  /**
   * What a former factory must make before it takes over; where only data comes back, it has no effect. Default: nothing, because what is in force
   * now may be what is broken, and a rollback must not wait for it.
   */
  canary?: CanaryOptions;
}

/** Options of {@link ResourceCoordinator.backup}. */
export interface BackupOptions {
  /**
   * Whether the cache's values are in it, too: those in memory that JSON gives back as they were; the others are listed. They are written as they
   * are, whatever they hold. Default false.
   */
  values?: boolean;
}

/** Options of {@link ResourceCoordinator.restore}. */
export interface RestoreOptions extends BringBackOptions {
  /**
   * What each former factory must make before it takes over, or all types are brought back to what they were; where only data comes back, it has
   * no effect. Default: one resource, as for {@link ResourceCoordinator.reconfigure}; with a `count` of 0, nothing.
   */
  canary?: CanaryOptions;
  /** Whether to change nothing and only say what would be changed. Default false. */
  dryRun?: boolean;
}

/** Who brings a former configuration back, and how. */
export interface BringingBack {
  readonly by: string | undefined;
  readonly settings: ChangeSettings;
}

/** Nothing is tried before a former factory takes over. */
export const UNTRIED = settingsOf({ count: 0 });

/** @throws InvalidOptionsError */
export function readRollbackOptions(options: RollbackOptions, type: string): BringingBack {
  return read(options, ['by', 'canary'], ({ by, canary }) => ({
    by: readClaim(by),
    settings: canary === undefined ? UNTRIED : settingsOf(canary, type),
  }));
}

/** @throws InvalidOptionsError */
export function readBackupOptions(options: BackupOptions): { readonly values: boolean } {
  return read(options, ['values'], ({ values }) => ({ values: OWN_NAME.flag('values', values, false) }));
}

/** @throws InvalidOptionsError */
export function readRestoreOptions(options: RestoreOptions): BringingBack & { readonly dryRun: boolean } {
  return read(options, ['dryRun', 'by', 'canary'], ({ dryRun, by, canary }) => ({
    dryRun: OWN_NAME.flag('dryRun', dryRun, false),
    by: readClaim(by),
    settings: settingsOf(canary),
  }));
}

/** @throws InvalidOptionsError if it is given and no version's number */
export function checkVersion(version: unknown, type: string): void {
  if (version === undefined || (Number.isSafeInteger(version) && Number(version) >= 1)) return;
  throw new InvalidOptionsError(
    'version',
    `must be a whole number of at least 1; got ${describeValue(version)}.`,
    type,
  );
}

/** @returns settings that have no effect, and are not refused, where only data comes back: who asks need not know which it is */
function settingsOf(canary: CanaryOptions | undefined, type?: string): ChangeSettings {
  return { ...readReconfigureOptions({ canary }, type), given: [] };
}

function read<O extends object, R>(options: O, names: readonly string[], how: (given: Partial<O>) => R): R {
  return readCallersOptions(options, undefined, (given) => how(new OptionReader('').group('', given, names)));
}
