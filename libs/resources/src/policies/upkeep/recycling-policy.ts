/** What the recycling policy looks at. */
export interface RecyclingSubject {
  /** Milliseconds. */
  readonly age: number;
  /** Loans that ended. */
  readonly uses: number;
  /** Megabytes in use after the last job; `undefined` before there was one. */
  readonly heap: number | undefined;
  /** Which part of the jitter lowers its limits: from 0 to 1, 1 excluded. */
  readonly jitterFactor: number;
}

/**
 * Decides when a thread has served long enough, so that another one is made to take its place. It only decides; the processor acts.
 *
 * All limits have jitter, because threads that were made together would otherwise all be replaced in the same moment (node-worker-nodes, issue 6).
 */
export class RecyclingPolicy {
  /**
   * @param maxUses loans; `Infinity` for no limit, as in all of them
   * @param maxLifetime milliseconds
   * @param maxHeap megabytes
   * @param jitter the part of each limit, from 0 to 1, by which it is lowered at most
   */
  constructor(
    readonly maxUses: number,
    readonly maxLifetime: number,
    readonly maxHeap: number,
    readonly jitter: number,
  ) {}

  isDue({ age, uses, heap = 0, jitterFactor }: RecyclingSubject): boolean {
    const left = 1 - this.jitter * jitterFactor;
    return uses >= this.maxUses * left || age >= this.maxLifetime * left || heap >= this.maxHeap * left;
  }
}
