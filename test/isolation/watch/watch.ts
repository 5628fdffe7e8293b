import type { ClientEnd } from '../plan/plan.js';
import { Journal } from './journal.js';
import { type Invariant, plansOf, type Violation } from './violation.js';
import { Unit } from './unit.js';

/** Violations of one invariant that are kept; more of the same tell nothing new. */
const MOST_KEPT = 500;

/**
 * Sees everything that happens in a run. There is one in the process, because decorators, key functions and fake
 * sessions have no other way to reach it.
 */
class Watch {
  readonly journal = new Journal();
  violations: Violation[] = [];
  /** All of them, kept or not. */
  readonly counts = new Map<Invariant, number>();
  /** Requests that the server has begun to read. */
  requests = 0;
  private readonly units = new Map<number, Unit>();
  private readonly ends = new Map<number, ClientEnd>();
  private working = 0;

  /** Before a run. */
  begin(): void {
    this.violations = [];
    this.counts.clear();
    this.requests = 0;
  }

  /** Before a round. */
  expect(unit: Unit, end: ClientEnd): void {
    this.units.set(unit.plan.id, unit);
    this.ends.set(unit.plan.id, end);
  }

  /** After a round: the next one begins with nothing known. */
  forget(): void {
    this.units.clear();
    this.ends.clear();
    this.journal.clear();
    this.working = 0;
  }

  /** The unit of a request, by what its headers say. */
  unitOf(request: { headers: Record<string, unknown> }): Unit {
    return this.unitOfId(request.headers['x-id']);
  }

  find(id: number): Unit | undefined {
    return this.units.get(id);
  }

  /** @throws Error for a request that nobody has planned */
  unitOfId(id: unknown): Unit {
    const unit = this.units.get(Number(id));
    if (unit === undefined) throw new Error(`nobody has planned a request ${String(id)}`);
    return unit;
  }

  /** Work of a unit that must have settled before the round is over. */
  async work<R>(_unit: Unit, run: () => Promise<R>): Promise<R> {
    this.working++;
    try {
      return await run();
    } finally {
      this.working--;
    }
  }

  get busy(): boolean {
    return this.working > 0;
  }

  violated(invariant: Invariant, detail: string, ...units: (Unit | undefined)[]): void {
    const count = (this.counts.get(invariant) ?? 0) + 1;
    this.counts.set(invariant, count);
    if (count > MOST_KEPT) return;
    const requests = plansOf(units);
    const ends = requests.map(({ id }) => this.ends.get(id));
    this.violations.push({ invariant, detail, requests, ends, after: this.requests });
    this.journal.note(units[0] ?? 'test', `VIOLATION: ${detail}`);
  }
}

export const watch = new Watch();
