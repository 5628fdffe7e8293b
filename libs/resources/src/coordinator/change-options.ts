import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { readClaim } from '../options/read-claim.js';
import { readCallersOptions } from '../options/callers-options.js';
import { OptionReader, OWN_NAME } from '../options/option-reader.js';
import { describeValue } from '../words/describe-value.js';

/** Options of {@link ResourceCoordinator.rollback}. */
export interface RollbackOptions {
  /** Who asks for it, for the history. Nobody checks it. At most 200 characters. */
  by?: string;
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
export interface RestoreOptions extends RollbackOptions {
  /** Whether to change nothing and only say what would be changed. Default false. */
  dryRun?: boolean;
}

/** @throws InvalidOptionsError */
export function readRollbackOptions(options: RollbackOptions): RollbackOptions {
  return read(options, ['by'], ({ by }) => ({ by: readClaim(by) }));
}

/** @throws InvalidOptionsError */
export function readBackupOptions(options: BackupOptions): { readonly values: boolean } {
  return read(options, ['values'], ({ values }) => ({ values: OWN_NAME.flag('values', values, false) }));
}

/** @throws InvalidOptionsError */
export function readRestoreOptions(options: RestoreOptions): RollbackOptions & { readonly dryRun: boolean } {
  return read(options, ['dryRun', 'by'], ({ dryRun, by }) => ({
    dryRun: OWN_NAME.flag('dryRun', dryRun, false),
    by: readClaim(by),
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

function read<O extends object, R>(options: O, names: readonly string[], how: (given: Partial<O>) => R): R {
  return readCallersOptions(options, undefined, (given) => how(new OptionReader('').group('', given, names)));
}
