/** What happened in a pool between two decisions. Times are milliseconds. */
export interface LoadSample {
  /** The time that it covers. */
  elapsed: number;
  /** Loans that ended. */
  loans: number;
  /** How long these loans took, together. */
  held: number;
  /** How long callers that were served had waited, together. */
  waited: number;
  /** Callers in the queue now. */
  pending: number;
  /** Resources on loan now. */
  leased: number;
}

/** So many loans for each resource make a sample that is worth a decision. */
const LOANS_EACH = 4;
const FEWEST_LOANS = 20;
/** Which part of the pool may queue behind the resources before it is too large for what is behind them. */
const SLACK = 0.1;

/**
 * Decides how large a pool should be, between two bounds, from what it measures.
 *
 * A pool that is too small makes callers wait; one that is too large makes them wait as well, only behind
 * the resources, in the database's own queues. By Little's law (L = λW) the part of the resources in use that does
 * nothing but queue there is `1 - fastest / present` service time. While that part is small and callers
 * wait, more resources bring more throughput, and the pool grows; when it is large, they don't, and it shrinks
 * to what was of use. It is the reasoning of TCP Vegas, which Netflix's concurrency-limits apply to servers.
 *
 * It knows nothing of clocks and pools: it is fed with samples.
 */
export class AdaptiveSizing {
  /** The service time of a resource that does not queue behind others. */
  private fastest = Infinity;
  /** The size that was too large the last time. */
  private ceiling = Infinity;
  private shrunk: { from: number; service: number } | undefined;

  /**
   * @param least the smallest size, a count of at least 1
   * @param most the largest
   */
  constructor(
    readonly least: number,
    readonly most: number,
  ) {}

  /** Whether the next sample may begin. Where callers wait, a few loans say nothing about the service time. */
  isEnough(sample: LoadSample, size: number): boolean {
    return hasMany(sample, size) || !isWanted(sample);
  }

  /** @returns the size from now on */
  next(size: number, sample: LoadSample): number {
    const { leased, held, elapsed } = sample;
    const proposed = hasMany(sample, size) ? this.byService(size, sample) : size;
    const isIdle = proposed === size && !isWanted(sample) && Math.max(leased, held / elapsed) < size / 2;
    return Math.min(this.most, Math.max(this.least, isIdle ? size - 1 : proposed));
  }

  private byService(size: number, sample: LoadSample): number {
    const { held, loans, elapsed } = sample;
    const service = held / loans;
    this.learn(size, service);
    const slack = Math.max(1, size * SLACK);
    const behind = (held / elapsed) * (1 - this.fastest / service);
    if (behind > 2 * slack) {
      this.ceiling = size;
      this.shrunk = { from: size, service };
      return Math.max(Math.ceil(size / 2), Math.round((size * this.fastest) / service + slack));
    }
    return isWanted(sample) && behind < slack ? size + this.step(size) : size;
  }

  /** A pool that has shrunk, but whose resources are as slow as before, was not the reason. */
  private learn(size: number, service: number): void {
    const { shrunk } = this;
    this.shrunk = undefined;
    const hoped = shrunk === undefined ? 0 : (1 - size / shrunk.from) / 2;
    const helped = shrunk === undefined || service < shrunk.service * (1 - hoped);
    if (!helped) this.ceiling = Infinity;
    this.fastest = helped ? Math.min(this.fastest, service) : service;
  }

  /** Quick at first, and halfway to the size that was too large the last time. */
  private step(size: number): number {
    const quick = Math.ceil(Math.sqrt(size));
    return size < this.ceiling ? Math.max(1, Math.min(quick, Math.floor((this.ceiling - size) / 2))) : 1;
  }
}

function hasMany({ loans }: LoadSample, size: number): boolean {
  return loans >= Math.max(FEWEST_LOANS, size * LOANS_EACH);
}

function isWanted({ pending, waited, elapsed }: LoadSample): boolean {
  return pending + waited / elapsed > SLACK;
}
