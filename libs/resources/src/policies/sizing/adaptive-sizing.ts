/** What happened in a pool between two decisions. Times are milliseconds. */
export interface LoadSample {
  /** The time that it covers. */
  elapsed: number;
  /** Loans that ended. */
  loans: number;
  /** How long these loans took, together, whenever they began. */
  held: number;
  /** For how long resources were on loan within this time, together. */
  used: number;
  /** How often somebody waited because all were on loan, of `loans + 1` looks: at the end of each loan, and now. */
  crowded: number;
  /**
   * How many more resources what they run on could keep busy now: CPUs, of threads. Below 0, so many are too much. `undefined` where nobody can
   * tell, as of what lies behind a network.
   */
  room?: number | undefined;
}

/** So many loans for each resource make a sample that is worth a decision by how long they took. */
const LOANS_EACH = 4;
const FEWEST_LOANS = 20;
/** Which part of the pool may queue behind the resources before it is too large for what is behind them. */
const SLACK = 0.1;
/** Which part of the callers may have to wait for a resource. */
const MAY_WAIT = 0.1;
/** A pool whose utilisation is below this needs no more resources, whoever had to wait for them. */
const HALF = 0.5;

/**
 * Decides how large a pool should be, between two bounds, from how busy its resources are.
 *
 * What says so is the utilisation: by the utilisation law (U = XS, Little's law for what is served), the share of the time in which resources are on
 * loan. A mean of waits does not: one caller that has waited for long, or for something else than a resource, makes a pool that stands idle look
 * too small, and waits grow as well when what is behind the resources is used up. So a pool grows only while at least half of it is in use, and not the
 * mean of the waits but Erlang's question is asked: how many of the callers find all resources on loan? When less than half of it would
 * do for them, it shrinks.
 *
 * Whether more resources would bring more depends on what they run on. Where it can be measured, as of threads and their CPUs, that is the bound:
 * the pool takes what there is room for, and gives back what is too much. Where it can't, the loans tell. By Little's law (L = λW) the
 * part of the resources in use that does nothing but queue in the database is `1 - fastest / present` service time. While that part is small and
 * callers wait, more resources bring more throughput; when it is large, they don't, and the pool shrinks to what was of use. It is the reasoning
 * of TCP Vegas, which Netflix's concurrency-limits apply to servers.
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

  /** Whether the next sample may begin. Where the pool may have to grow, a few loans say nothing about the service time. */
  isEnough(sample: LoadSample, size: number): boolean {
    return sample.room !== undefined || hasMany(sample, size) || !isWanted(sample, size);
  }

  /** @returns the size from now on */
  next(size: number, sample: LoadSample): number {
    const proposed = this.proposed(size, sample);
    const isIdle = proposed === size && !isCrowded(sample) && inUse(sample) <= (size - 1) * HALF;
    return Math.min(this.most, Math.max(this.least, isIdle ? size - 1 : proposed));
  }

  private proposed(size: number, sample: LoadSample): number {
    const { room } = sample;
    if (room !== undefined) return byRoom(size, sample, room);
    return hasMany(sample, size) ? this.byService(size, sample) : size;
  }

  private byService(size: number, sample: LoadSample): number {
    const service = sample.held / sample.loans;
    this.learn(size, service);
    const slack = Math.max(1, size * SLACK);
    const behind = inUse(sample) * (1 - this.fastest / service);
    if (behind > 2 * slack) {
      this.ceiling = size;
      this.shrunk = { from: size, service };
      return Math.max(Math.ceil(size / 2), Math.round((size * this.fastest) / service + slack));
    }
    return isWanted(sample, size) && behind < slack ? size + this.step(size) : size;
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
    if (size >= this.ceiling) return 1;
    return Math.max(1, Math.min(quickStep(size), Math.floor((this.ceiling - size) / 2)));
  }
}

/** Less than a whole one more would only be taken from the others. */
function byRoom(size: number, sample: LoadSample, room: number): number {
  if (room < 0) return Math.ceil(size + room);
  return isWanted(sample, size) ? size + Math.min(quickStep(size), Math.floor(room)) : size;
}

function quickStep(size: number): number {
  return Math.ceil(Math.sqrt(size));
}

function hasMany({ loans }: LoadSample, size: number): boolean {
  return loans >= Math.max(FEWEST_LOANS, size * LOANS_EACH);
}

/** Resources that were on loan on average. */
function inUse({ used, elapsed }: LoadSample): number {
  return used / elapsed;
}

function isCrowded({ crowded, loans }: LoadSample): boolean {
  return crowded > (loans + 1) * MAY_WAIT;
}

function isWanted(sample: LoadSample, size: number): boolean {
  return isCrowded(sample) && inUse(sample) >= size * HALF;
}
