import { isAnswer } from '../../hooks/final-failure.js';
import type { PoolEvent } from '../../reports/pool-event.js';
import type { RetireReason } from '../../reports/retire-reason.js';
import type { PoolEvents } from '../pool-events.js';
import type { Slot } from '../slots/slot.js';
import type { SlotTable } from '../slots/slot-table.js';

/** Reasons to retire that tell against a resource. */
const BROKEN: readonly RetireReason[] = ['invalid', 'leaked'];

/** Counts how a generation does, from what the pool tells. It listens for as long as the generation must prove itself. */
export class GenerationWatch<T> {
  /** Loans, a count. */
  acquired = 0;
  /** Loans whose work threw, and resources that broke, a count. */
  failures = 0;
  private readonly members = new Set<number>();
  /** Those whose present loan has failed already. */
  private readonly blamed = new Set<number>();
  /** Stops listening. */
  readonly stop: () => void;

  /** @param invalid hears that one did not pass a validation */
  constructor(
    events: PoolEvents,
    private readonly slots: SlotTable<T>,
    private readonly generation: number,
    private readonly invalid: (cause: unknown) => void,
  ) {
    slots.forEach((slot) => this.enter(slot));
    this.stop = events.follow((event) => this.hear(event));
  }

  /** Work with one has thrown. */
  workFailed({ id }: Slot<T>, error: unknown): void {
    if (!this.members.has(id) || isAnswer(error)) return;
    this.failures++;
    this.blamed.add(id);
  }

  private hear(event: PoolEvent): void {
    if (!('resourceId' in event)) return;
    const { resourceId: id } = event;
    if (event.kind === 'created') this.slots.forEach((slot) => slot.id === id && this.enter(slot));
    if (!this.members.has(id)) return;
    if (event.kind === 'acquired') this.lent(id);
    else if (event.kind === 'retired') this.left(id, event.reason);
    else if (event.kind === 'validationFailed') this.invalid(event.cause);
  }

  private enter({ id, generation }: Slot<T>): void {
    if (generation >= this.generation) this.members.add(id);
  }

  private lent(id: number): void {
    this.acquired++;
    this.blamed.delete(id);
  }

  private left(id: number, reason: RetireReason): void {
    this.members.delete(id);
    const isKnown = this.blamed.delete(id);
    if (BROKEN.includes(reason) && !isKnown) this.failures++;
  }
}
