/** What the retirement policy looks at. Times are milliseconds of the pool's clock. */
export interface RetirementSubject {
  createdAt: number;
  /** Loans that ended so far. */
  uses: number;
  /** Which part of the jitter shortens its life: from 0 to 1, 1 excluded. */
  jitterFactor: number;
}

/**
 * Decides when a resource has served long enough. It only decides; the pool acts.
 *
 * Lifetimes have jitter because resources that were created together would otherwise all be replaced in the same
 * moment: HikariCP raised its own from 2.5 % to 25 % after just that had hurt (HikariCP issue 2004, pull request 2035).
 */
export class RetirementPolicy {
  /**
   * @param idleTimeout milliseconds unused after which a resource that is not kept retires; `Infinity` for never
   * @param maxLifetime milliseconds after creation; `Infinity` for never
   * @param maxUses loans; `Infinity` for no limit
   * @param jitter the part of `maxLifetime`, from 0 to 1, by which a life is shortened at most
   */
  constructor(
    readonly idleTimeout: number,
    readonly maxLifetime: number,
    readonly maxUses: number,
    readonly jitter: number,
  ) {}

  /** The moment from which the resource is not lent any more. */
  expiresAt({ createdAt, jitterFactor }: RetirementSubject): number {
    return createdAt + this.maxLifetime * (1 - this.jitter * jitterFactor);
  }

  isUsedUp({ uses }: RetirementSubject): boolean {
    return uses >= this.maxUses;
  }

  isIdleTooLong(idleSince: number, now: number): boolean {
    return now - idleSince >= this.idleTimeout;
  }
}
