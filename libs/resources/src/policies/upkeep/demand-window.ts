/**
 * How many resources were needed lately: the median of the last samples. It exists because an idle time-out keeps
 * everything that a last-in-first-out pool touches now and then; a median forgets a short burst and a short
 * lull alike (Npgsql prunes its pools by the median of the idle connections).
 */
export class DemandWindow {
  private readonly demands: number[] = [];
  private next = 0;

  /** @param length how many samples count, at least 1 */
  constructor(readonly length: number) {}

  /** @param demand resources needed now, a count */
  add(demand: number): void {
    this.demands[this.next] = demand;
    this.next = (this.next + 1) % this.length;
  }

  /** The higher one of the two in the middle, if there are two. `undefined` while there are too few samples. */
  get median(): number | undefined {
    if (this.demands.length < this.length) return undefined;
    return this.demands.toSorted((a, b) => a - b)[Math.floor(this.length / 2)];
  }

  /** Forgets all samples, as after a time that was not observed. */
  clear(): void {
    this.demands.length = 0;
    this.next = 0;
  }
}
