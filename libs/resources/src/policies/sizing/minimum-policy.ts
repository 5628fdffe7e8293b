/** What a minimum is compared with. All counts. */
export interface Stock {
  /** Resources in service or being created. */
  existing: number;
  /** Resources that wait to be lent. */
  idle: number;
  /** Resources on their way to the queue: being created, validated or reset. */
  arriving: number;
  /** Callers in the queue. */
  pending: number;
}

/**
 * Decides what a pool keeps: `min` resources, whoever has them, and `minIdle` of them ahead of the next callers. It exists because the
 * two are one rule for those who create and another for those who retire, and these must not disagree: what one retires the other would
 * create again (HikariCP's `minimumIdle`, commons-pool's `minIdle`).
 */
export class MinimumPolicy {
  /**
   * @param min resources kept, on loan or not
   * @param minIdle of what is not on loan
   */
  constructor(
    readonly min: number,
    readonly minIdle: number,
  ) {}

  /** How many resources are missing. */
  missing({ existing }: Pick<Stock, 'existing'>): number {
    return Math.max(0, this.min - existing);
  }

  /** How many idle ones will be missing when all that is on its way has arrived, and all callers are served. */
  missingIdle({ idle, arriving, pending }: Omit<Stock, 'existing'>): number {
    return this.minIdle === 0 ? 0 : Math.max(0, this.minIdle + pending - arriving - idle);
  }

  /** Whether the pool can do without one idle resource. */
  spares({ existing, idle }: Pick<Stock, 'existing' | 'idle'>): boolean {
    return existing > this.min && idle > this.minIdle;
  }
}
