import { type BackupDocument, BACKUP_SCHEMA, seal } from '../../lifecycle/backup/backup-document.js';
import { putBack, type RestoredValues, valuesOf } from '../../lifecycle/backup/cached-values.js';
import { toData } from '../../lifecycle/backup/options-data.js';
import { readDocument } from '../../lifecycle/backup/read-document.js';
import { FACTORY, referTo, referToFixed } from '../../lifecycle/backup/references.js';
import { CACHE, planOf, type PlannedType, type Restorable } from '../../lifecycle/backup/restore-plan.js';
import { RestoreRun } from '../../lifecycle/backup/restore-run.js';
import { startDataOf } from '../../lifecycle/backup/start-data.js';
import { CACHE_KINDS, POOL_KINDS } from '../../lifecycle/history/option-kinds.js';
import { configurationOf } from '../../lifecycle/history/type-configuration.js';
import type { RestoredType, RestoreReport } from '../../reports/restore-report.js';
import type { Clock } from '../../time/clock.js';
import type { NeutralGround } from '../../time/neutral-ground.js';
import type { CacheRegistry } from '../cache-registry.js';
import {
  type BackupOptions,
  readBackupOptions,
  type BringingBack,
  readRestoreOptions,
  type RestoreOptions,
  UNTRIED,
} from './change-options.js';
import type { ConfigurationChanges } from './configuration-changes.js';
import type { PoolRegistry } from '../pool-registry.js';

/** Writes down what all types go by, and brings it back, as one transaction. */
export class BackupAndRestore {
  private readonly there: Restorable;

  constructor(
    private readonly pools: PoolRegistry,
    private readonly caches: CacheRegistry,
    private readonly changes: ConfigurationChanges,
    private readonly clock: Clock,
    private readonly ground: NeutralGround,
  ) {
    this.there = {
      pools: pools.pools,
      cachedTypes: caches.configurations,
      startOf: (type) => pools.startOf(type),
      cache: { options: caches.options },
      historyOf: (type) => changes.historyOf(type),
    };
  }

  /** @throws InvalidOptionsError */
  async backup(options: BackupOptions): Promise<BackupDocument> {
    const { values } = readBackupOptions(options);
    const { caches } = this;
    return seal({
      schema: BACKUP_SCHEMA,
      takenAt: new Date().toISOString(),
      resources: [...this.pools.pools].map(([type, pool]) => {
        const history = this.changes.historyOf(type);
        const refer = referTo(type, history);
        const { factory, options } = configurationOf(pool);
        return {
          type,
          origin: history.origin,
          version: history.current.version,
          factory: refer(FACTORY, factory),
          start: startDataOf(this.pools.startOf(type)),
          options: toData(options, POOL_KINDS, refer),
        };
      }),
      cachedResources: [...caches.configurations].map(([type, fixed]) => {
        const refer = referToFixed(type);
        return {
          type,
          factory: refer(FACTORY, fixed.factory),
          start: startDataOf(fixed.start),
          options: toData(fixed.options, CACHE_KINDS, refer),
        };
      }),
      cache: {
        options: toData(caches.options, CACHE_KINDS, referToFixed(CACHE)),
        ...(values && valuesOf(caches.cache)),
      },
    });
  }

  /** @throws InvalidBackupError, InvalidOptionsError; then nothing has changed */
  restore(document: unknown, options: RestoreOptions): Promise<RestoreReport> {
    return this.ground.run(async () => {
      const start = this.clock.now();
      const { dryRun, ...how } = readRestoreOptions(options);
      const read = await readDocument(document, this.ground);
      const report = dryRun ? this.rehearse(read) : await this.changes.inTurn(() => this.carryOut(read, how));
      return { ...report, duration: this.clock.now() - start };
    });
  }

  private rehearse(document: BackupDocument): RestoreReport {
    const types = planOf(document, this.there).map(({ type, what }): RestoredType => {
      return { type, what, outcome: what.length === 0 ? 'unchanged' : 'planned' };
    });
    return { outcome: 'planned', types, untouched: this.untouched(types), values: countsOf(), duration: 0 };
  }

  private async carryOut(document: BackupDocument, how: BringingBack): Promise<RestoreReport> {
    planOf(document, this.there); // what is refused gives up nothing
    for (const { type } of document.resources) await this.changes.giveUp(type);
    const run = this.runOf(planOf(document, this.there), how);
    const { types } = run;
    const base = { types, untouched: this.untouched(types), duration: 0 };
    const stopped = await run.carryOut();
    const put =
      stopped === undefined ? await putBack(this.caches.cache, document.cache.values ?? []) : undefined;
    const failure = stopped ?? put?.failure;
    if (failure === undefined) return { ...base, outcome: 'applied', values: countsOf(put) };
    const undone = (await run.undo()) && put?.failure?.undone !== false;
    return {
      ...base,
      outcome: undone ? 'rolledBack' : 'failed',
      values: countsOf(put),
      cause: failure.cause,
    };
  }

  private runOf(planned: readonly PlannedType[], { by, settings }: BringingBack): RestoreRun {
    return new RestoreRun(planned, this.there, (type, target, isUndoing) =>
      this.changes.apply(type, target, { by, kind: 'restore' }, isUndoing ? UNTRIED : settings),
    );
  }

  private untouched(types: readonly { readonly type: string }[]): string[] {
    const named = new Set(types.map(({ type }) => type));
    return this.pools.types.filter((type) => !named.has(type));
  }
}

function countsOf(values?: RestoredValues): RestoreReport['values'] {
  return { restored: values?.restored ?? 0, expired: values?.expired ?? 0 };
}
