import type { ReconfigurationReport } from '../../reports/reconfiguration-report.js';
import type { RestoredType } from '../../reports/restore-report.js';
import { configurationOf, type TypeConfiguration } from '../history/type-configuration.js';
import type { TypeHistory } from '../history/type-history.js';
import type { PlannedType, Restorable } from './restore-plan.js';

/**
 * Puts a configuration in force. Never rejects: what goes wrong stands in the report.
 *
 * @param isUndoing whether it was in force before the restore
 */
export type Apply = (
  type: string,
  target: TypeConfiguration,
  isUndoing: boolean,
) => Promise<ReconfigurationReport>;

/** A type that has been changed, and how it was before. */
interface Done {
  readonly type: string;
  readonly before: TypeConfiguration;
  /** Of the type as it was registered then. */
  readonly history: TypeHistory;
  readonly version: number;
}

/**
 * Carries out a plan as one transaction: all types, or none. Types that are to keep fewer resources come first, so that those which share a
 * budget with them find room.
 */
export class RestoreRun {
  readonly types: RestoredType[];
  private readonly done: Done[] = [];

  constructor(
    private readonly planned: readonly PlannedType[],
    private readonly there: Restorable,
    private readonly apply: Apply,
  ) {
    this.types = planned.map(({ type, what }) => ({
      type,
      what,
      outcome: what.length === 0 ? 'unchanged' : 'skipped',
    }));
  }

  /** @returns what the first of them failed with, if one did; then the others are still to be undone */
  async carryOut(): Promise<{ readonly cause: unknown } | undefined> {
    const changing = this.planned.filter(({ what }) => what.length > 0);
    for (const { type, target } of changing.toSorted((a, b) => a.growth - b.growth)) {
      const pool = this.there.pools.get(type);
      const was = pool && { before: configurationOf(pool), history: this.there.historyOf(type) };
      const { outcome, version, cause } = await this.apply(type, target, false);
      const entry = this.entryOf(type);
      entry.outcome = outcome;
      if (outcome !== 'applied') return { cause };
      entry.version = version;
      if (was !== undefined) this.done.push({ type, version, ...was });
    }
    return undefined;
  }

  /** Brings back what was changed, the last first; but nothing that somebody else has changed meanwhile. @returns whether all is as it was */
  async undo(): Promise<boolean> {
    for (const done of this.done.toReversed()) {
      const entry = this.entryOf(done.type);
      entry.outcome = this.isInForce(done) ? await this.bringBack(done) : 'superseded';
    }
    return this.done.every(({ type }) => this.entryOf(type).outcome === 'rolledBack');
  }

  private async bringBack({ type, before }: Done): Promise<RestoredType['outcome']> {
    const { outcome } = await this.apply(type, before, true);
    return outcome === 'applied' ? 'rolledBack' : 'failed';
  }

  private isInForce({ type, history, version }: Done): boolean {
    const isRegistered = this.there.pools.has(type) && this.there.historyOf(type) === history;
    return isRegistered && history.current.version === version;
  }

  private entryOf(type: string): RestoredType {
    const entry = this.types.find((each) => each.type === type);
    if (entry === undefined) throw new Error(`${type} is not planned`);
    return entry;
  }
}
