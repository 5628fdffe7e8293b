/** What the retirement policy looks at. Times are milliseconds of the pool's clock. */
export interface RetirementSubject {
  createdAt: number;
  /** Loans that ended so far. */
  uses: number;
}

/** Decides when a resource has served long enough. It only decides; the pool acts. */
export class RetirementPolicy {
  /**
   * @param idleTimeout milliseconds unused after which a resource above `min` retires; `Infinity` for never
   * @param maxLifetime milliseconds after creation; `Infinity` for never
   * @param maxUses loans; `Infinity` for no limit
   */
  constructor(
    readonly idleTimeout: number,
    readonly maxLifetime: number,
    readonly maxUses: number,
  ) {}

  /** The moment from which the resource is not lent any more. */
  expiresAt(subject: RetirementSubject): number {
    return subject.createdAt + this.maxLifetime;
  }

  isUsedUp(subject: RetirementSubject): boolean {
    return subject.uses >= this.maxUses;
  }

  isIdleTooLong(idleSince: number, now: number): boolean {
    return now - idleSince >= this.idleTimeout;
  }
}
