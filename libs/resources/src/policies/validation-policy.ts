/**
 * Decides when a resource must prove that it is alive. A resource known to be alive within the
 * last `aliveBypass` milliseconds is lent without a check (HikariCP's `aliveBypassWindowMs`).
 */
export class ValidationPolicy {
  /**
   * @param onBorrow validate before lending
   * @param aliveBypass milliseconds for which a proof of life holds
   * @param onReturn validate before a returned resource is lent again
   */
  constructor(
    readonly onBorrow: boolean,
    readonly aliveBypass: number,
    readonly onReturn: boolean,
  ) {}

  isDue(aliveAt: number, now: number): boolean {
    return this.onBorrow && now - aliveAt >= this.aliveBypass;
  }
}
