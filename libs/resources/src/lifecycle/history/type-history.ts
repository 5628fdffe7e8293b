import { randomUUID } from 'node:crypto';
import type { ChangeInfo } from '../../reports/change-info.js';
import type { Clock } from '../../time/clock.js';
import { type ChangeBeginning, ChangeRecord, type Version } from './change-record.js';
import { diffOf, type TypeConfiguration } from './type-configuration.js';

/**
 * The configurations of one type as long as it is registered: that with which it was registered, which is the one in the code and is
 * always kept, and the last changes.
 */
export class TypeHistory {
  /** Tells it from the history of any other type, registration and process. */
  readonly origin = randomUUID();
  /** The configuration in the code. */
  readonly baseline: Version;
  private readonly at = new Date();
  private readonly records: ChangeRecord[] = [];
  private newest: Version;

  /** @param keep changes, a count of at least 1 */
  constructor(
    private readonly type: string,
    configuration: TypeConfiguration,
    private readonly keep: number,
    private readonly clock: Clock,
  ) {
    this.baseline = { ...configuration, version: 1 };
    this.newest = this.baseline;
  }

  /** The one that was applied last. */
  get current(): Version {
    const applied = this.records.filter(({ outcome }) => outcome === 'applied');
    return applied.at(-1)?.after ?? this.records[0]?.before ?? this.baseline;
  }

  /** The change that has not ended yet. */
  get pending(): ChangeRecord | undefined {
    return this.records.findLast(({ outcome }) => outcome === 'pending');
  }

  /** The configuration before the change that was made last, or is being made. */
  get previous(): Version | undefined {
    return this.records.findLast(({ outcome }) => outcome === 'applied' || outcome === 'pending')?.before;
  }

  /** Those that are kept and were in force, the oldest first. */
  get versions(): Version[] {
    const applied = this.records.filter(({ outcome }) => outcome === 'applied');
    return [this.baseline, ...applied.map(({ after }) => after)];
  }

  begin({ before, after, ...beginning }: ChangeBeginning): ChangeRecord {
    this.notice(before);
    return this.record(after, beginning);
  }

  /** Records what was changed at the pool itself. @param actual what the pool goes by */
  notice(actual: TypeConfiguration): void {
    if (this.pending !== undefined || diffOf(this.current, actual).length === 0) return;
    this.record(actual, { kind: 'direct' }).end('applied');
  }

  /** The oldest first. */
  infos(): ChangeInfo[] {
    const { type, at } = this;
    const first: ChangeInfo = {
      type,
      version: this.baseline.version,
      kind: 'registered',
      at: new Date(at),
      what: [],
      outcome: 'applied',
      duration: 0,
    };
    return [first, ...this.records.map(({ info }) => info)];
  }

  private record(
    after: TypeConfiguration,
    beginning: Pick<ChangeBeginning, 'by' | 'kind' | 'restores'>,
  ): ChangeRecord {
    const { current } = this;
    const version: Version = { ...after, version: this.newest.version + 1 };
    const record = new ChangeRecord(this.type, current, version, beginning, this.clock);
    this.newest = version;
    this.records.push(record);
    this.records.splice(0, this.records.length - this.keep);
    return record;
  }
}
