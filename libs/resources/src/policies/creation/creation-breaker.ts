/** When a {@link CreationBreaker} opens, and for how long. Times in milliseconds. */
export interface BreakerLimits {
  /** Failures in a row that open it, at least 1; `Infinity` for never. */
  readonly failures: number;
  /** How long it stays open at first. */
  readonly cooldown: number;
  /** How long it stays open at the most. */
  readonly maxCooldown: number;
}

export type BreakerState = 'closed' | 'open' | 'half-open';

/**
 * Decides whether a creation may be tried at all. After a number of failures in a row it opens, and nothing is tried until a
 * cooldown is over. Then one try is let through as a probe: if it fails, it opens again, with a cooldown twice as long; if it
 * succeeds, it closes. A probe that a silent server does not answer is followed by another one after the longest cooldown, because the
 * server may be back. So a server that is down is asked now and then instead of by every caller, and callers hear at once what they
 * would otherwise wait for (SqlClient's blocking period, Nygard's circuit breaker).
 *
 * Tries that ran side by side and failed together are one failure: a burst of ten callers that meets
 * one hiccup must not open it.
 */
export class CreationBreaker {
  private failuresInRow = 0;
  /** Milliseconds for which it opened last; 0 while it is closed. */
  private openedFor = 0;
  /** When a probe may begin, or the one after that which is running. */
  private openUntil = 0;
  private probing = false;
  /** Failures counted so far. A try that began before the last of them tells nothing new by failing. */
  private round = 0;

  constructor(private limits: BreakerLimits) {}

  reconfigure(limits: BreakerLimits): void {
    this.limits = limits;
    if (limits.failures === Infinity) this.reset();
  }

  /** Closes it; what began before is not counted any more. */
  reset(): void {
    this.round++;
    this.close();
  }

  get closed(): boolean {
    return this.openedFor === 0;
  }

  /** @param now milliseconds, as are all moments here */
  state(now: number): BreakerState {
    if (this.closed) return 'closed';
    return now < this.openUntil && !this.probing ? 'open' : 'half-open';
  }

  /** Whether a try may begin now. */
  permits(now: number): boolean {
    return this.closed || now >= this.openUntil;
  }

  /** Milliseconds until a probe may begin; 0 while it is closed. */
  remaining(now: number): number {
    return this.closed ? 0 : Math.max(0, this.openUntil - now);
  }

  /** A try begins. @returns to be given back with its failure */
  begin(now: number): number {
    if (this.closed) return this.round;
    this.probing = true;
    this.openUntil = now + this.limits.maxCooldown;
    return this.round;
  }

  /** A try succeeded. @returns whether that closed it */
  succeeded(): boolean {
    const wasOpen = !this.closed;
    this.close();
    return wasOpen;
  }

  /** A try ended in a way that tells nothing of the next: if it was a probe, another one may be it. */
  learntNothing(begun: number): void {
    if (begun !== this.round) return;
    this.probing = false;
    this.openUntil = 0;
  }

  /** A try failed. @returns whether that opened it, for the first time or again */
  failed(begun: number, now: number): boolean {
    if (begun !== this.round) return false;
    this.round++;
    const { failures, cooldown, maxCooldown } = this.limits;
    if (this.closed && ++this.failuresInRow < failures) return false;
    const nextProbe = this.closed ? Infinity : this.openUntil; // a late failure does not put it off
    this.openedFor = this.closed ? cooldown : Math.min(maxCooldown, this.openedFor * 2);
    this.openUntil = Math.max(now, Math.min(now + this.openedFor, nextProbe));
    this.probing = false;
    return true;
  }

  private close(): void {
    this.failuresInRow = 0;
    this.openedFor = 0;
    this.probing = false;
  }
}
