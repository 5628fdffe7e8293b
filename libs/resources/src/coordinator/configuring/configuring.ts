import type { BackupDocument } from '../../lifecycle/backup/backup-document.js';
import type { ChangeInfo, OptionChange } from '../../reports/change-info.js';
import type { ReconfigurationReport } from '../../reports/reconfiguration-report.js';
import type { RestoreReport } from '../../reports/restore-report.js';
import type { ReconfigureOptions } from '../../pool/generations/reconfigure-options.js';
import type { BackupAndRestore } from './backup-and-restore.js';
import type { BackupOptions, RestoreOptions, RollbackOptions } from './change-options.js';
import type { ConfigurationChanges } from './configuration-changes.js';
import { Transacting } from '../transacting/transacting.js';
import type { TypeChange } from './reconfigurations.js';
import type { ResourceOf, ResourceTypeName } from '../resource-types.js';

/**
 * How a coordinator's types are changed while they are in use, and brought back. It exists so that this is read apart from borrowing, and from
 * the types' registration and life.
 */
export abstract class Configuring extends Transacting {
  /** @internal */
  abstract readonly changes: ConfigurationChanges;
  /** @internal */
  abstract readonly backups: BackupAndRestore;

  /**
   * Changes a type while it is in use. Options are changed all or none, and are in force when this returns its promise. Another factory, or
   * another `credentials.secret`, begins the next generation: made and proved beside the old one, and taken back by itself if it fails.
   *
   * @param options of the next generation
   * @returns how it ended; it rejects only if nothing was begun
   * @throws UnknownResourceError, InvalidOptionsError, ReconfigurationInProgressError
   */
  reconfigure<T extends ResourceOf<K>, K extends ResourceTypeName = ResourceTypeName>(
    type: K,
    change: TypeChange<T>,
    options?: ReconfigureOptions<NoInfer<T>>,
  ): Promise<ReconfigurationReport> {
    return this.changes.reconfigure(type, change, options);
  }

  /**
   * The changes of a pooled type's configuration, the oldest first: how it was registered, and the last ones, as many as `history` of the
   * options says. Values are shown as far as they are known to be harmless, anything else as `***`.
   *
   * @throws UnknownResourceError
   */
  history(type: ResourceTypeName): readonly ChangeInfo[] {
    return this.changes.infos(type);
  }

  /**
   * Puts a former configuration of a pooled type in force again, factory and all, as a change of its own: a rollback can be rolled back. A change
   * that is still being made is given up first. (Versions and their order are those of `helm rollback`.)
   *
   * @param version its number; default: the one before the last change
   * @param options `canary`, of a former factory. Default: nothing is tried, and it takes over at once
   * @returns how it went: what could not be applied stands in the report
   * @throws UnknownResourceError, UnknownVersionError, InvalidOptionsError; then nothing has changed
   */
  rollback(
    type: ResourceTypeName,
    version?: number,
    options: RollbackOptions = {},
  ): Promise<ReconfigurationReport> {
    return this.changes.rollback(type, version, options);
  }

  /** By type, what differs now from the configuration in the code, which the next start brings back. Types without a difference are left out. */
  drift(): Record<string, OptionChange[]> {
    return this.changes.drift();
  }

  /**
   * All that is data in the configurations of types and of the cache, as a document for `JSON.stringify`. Factories, functions and all that is not known
   * to be harmless stand in it as references.
   *
   * @param options `values`: whether the cache's values are in it, too. Default false
   * @throws InvalidOptionsError
   */
  backup(options: BackupOptions = {}): Promise<BackupDocument> {
    return this.backups.backup(options);
  }

  /**
   * Brings all types back to what a backup says, as one transaction: all of them, or none. Types that are not in it stay as they are.
   *
   * @param document what {@link backup} gave, after `JSON.parse` if need be
   * @param options `canary`, of each former factory. Default: one resource is tried
   * @returns how it went: what failed half-way is undone, and stands in the report
   * @throws InvalidBackupError with the path of what is damaged, unknown or missing here, InvalidOptionsError; then nothing has changed
   */
  restore(document: unknown, options: RestoreOptions = {}): Promise<RestoreReport> {
    return this.backups.restore(document, options);
  }
}
