/** By how much a resource's keep-alive may be earlier, so that resources of one age don't all fall due at once. HikariCP's share. */
const JITTER = 0.1;

/**
 * Decides when a resource must prove that it is alive. A resource known to be alive within the
 * last `aliveBypass` milliseconds is lent without a check (HikariCP's `aliveBypassWindowMs`).
 */
export class ValidationPolicy {
  /**
   * @param onBorrow validate before lending
   * @param aliveBypass milliseconds for which a proof of life holds
   * @param onReturn validate before a returned resource is lent again
   * @param keepAlive milliseconds without use after which an idle resource is validated; `Infinity` for never
   */
  constructor(
    readonly onBorrow: boolean,
    readonly aliveBypass: number,
    readonly onReturn: boolean,
    readonly keepAlive: number,
  ) {}

  isDue(aliveAt: number, now: number): boolean {
    return this.onBorrow && now - aliveAt >= this.aliveBypass;
  }

  /**
   * @param seenAt the last use or proof of life
   * @param jitterFactor the resource's own number, from 0 to below 1
   */
  isOverlooked(seenAt: number, jitterFactor: number, now: number): boolean {
    return now - seenAt >= this.keepAlive * (1 - JITTER * jitterFactor);
  }
}
