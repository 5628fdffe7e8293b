const TICK = 10;

/**
 * Time without that in which other processes had the processor. A caller that waited because the machine was busy must
 * not count as stuck; one that waited because the pool spun must, hence the look at the CPU time.
 */
export class FairClock {
  private starved = 0;
  private seen = performance.now();
  private cpu = process.cpuUsage();

  constructor() {
    setInterval(() => this.now(), TICK).unref();
  }

  /** Milliseconds. */
  now(): number {
    const wall = performance.now();
    const { user, system } = process.cpuUsage(this.cpu);
    this.starved += Math.max(0, wall - this.seen - TICK - (user + system) / 1_000);
    this.seen = wall;
    this.cpu = process.cpuUsage();
    return wall - this.starved;
  }
}
