import type { AdaptiveSizing, LoadSample } from '../sizing/adaptive-sizing.js';

/** How long a loan takes, in milliseconds, when so many resources are on loan. */
export type ServiceCurve = (leased: number) => number;

/** A server that works on so many requests at a time; more only queue inside of it. */
export const saturatingAt =
  (places: number): ServiceCurve =>
  (leased) =>
    10 * Math.max(1, leased / places);

/** The same, but each request too many disturbs the others as well. */
export const thrashingAbove =
  (places: number): ServiceCurve =>
  (leased) =>
    10 * Math.max(1, (leased / places) ** 1.5);

/** A pool in front of a server, as a policy sees it: second by second, or longer where that is not enough for a decision. */
export class SimulatedLoad {
  size: number;

  constructor(
    private readonly policy: AdaptiveSizing,
    public curve: ServiceCurve,
    /** Resources that callers would use at the same time. */
    public demand = Infinity,
    /** From 0 to 1. Given, loans are of all lengths, and their mean is the less exact the fewer they are. */
    private readonly random?: () => number,
  ) {
    this.size = policy.least;
  }

  /** @returns the sizes after each of so many decisions */
  run(decisions: number): number[] {
    return Array.from({ length: decisions }, () => {
      let seconds = 1;
      while (!this.policy.isEnough(this.sample(seconds), this.size)) seconds++;
      return (this.size = this.policy.next(this.size, this.sample(seconds)));
    });
  }

  /** Loans that end in a second at the present size. */
  get throughput(): number {
    return this.sample(1).loans;
  }

  private sample(seconds: number): LoadSample {
    const elapsed = seconds * 1_000;
    const leased = Math.min(this.size, this.demand);
    const held = elapsed * leased;
    const loans = held / this.curve(leased);
    const ended = loans * this.deviation(loans);
    return { elapsed, loans: ended, held, used: held, crowded: this.demand > this.size ? ended + 1 : 0 };
  }

  /** Of a mean of so many durations that are distributed exponentially. */
  private deviation(loans: number): number {
    const { random } = this;
    if (random === undefined || loans === 0) return 1;
    const normal = Array.from({ length: 12 }, random).reduce((sum, part) => sum + part, -6);
    return 1 + normal / Math.sqrt(loans);
  }
}
