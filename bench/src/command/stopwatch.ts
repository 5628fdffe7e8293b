/**
 * How long work took that never waits. On a busy machine the clock also counts the time of other processes, and the CPU
 * time does not; on a quiet one the CPU time also counts V8's helping threads, and the clock does not. The lesser of
 * the two is nearer to the truth on both.
 */
export class Stopwatch {
  private readonly start = performance.now();
  private readonly cpu = process.cpuUsage();

  /** Milliseconds. */
  get elapsed(): number {
    const { user, system } = process.cpuUsage(this.cpu);
    return Math.min(performance.now() - this.start, (user + system) / 1_000);
  }
}
