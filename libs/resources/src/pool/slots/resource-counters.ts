import { noneRetired, type PoolStats } from '../../reports/pool-stats.js';
import type { RetireReason } from '../../reports/retire-reason.js';
import type { PoolEvents } from '../pool-events.js';

/** Counts how resources come and go, and reports it to listeners. */
export class ResourceCounters {
  private created = 0;
  private destroyed = 0;
  private readonly retired = noneRetired();

  constructor(
    private readonly type: string,
    private readonly events: PoolEvents,
  ) {}

  /** As of now. */
  get counts(): Pick<PoolStats, 'created' | 'destroyed' | 'retired'> {
    return { created: this.created, destroyed: this.destroyed, retired: { ...this.retired } };
  }

  creation(resourceId: number): void {
    this.created++;
    const { events, type } = this;
    if (events.observed) events.emit({ kind: 'created', type, resourceId });
  }

  retirement(resourceId: number, reason: RetireReason, cause: unknown): void {
    this.retired[reason]++;
    const { events, type } = this;
    if (events.observed) events.emit({ kind: 'retired', type, resourceId, reason, cause });
  }

  destruction(resourceId: number): void {
    this.destroyed++;
    const { events, type } = this;
    if (events.observed) events.emit({ kind: 'destroyed', type, resourceId });
  }
}
