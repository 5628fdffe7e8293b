import { setTimeout as delay } from 'node:timers/promises';
import { median } from '../command/median.js';

const WINDOW = 250;

/** How much is served, in short windows of time. */
export class Throughput {
  constructor(private readonly served: () => number) {}

  /** Served per second, over so many milliseconds: the median of the windows. */
  async during(duration: number): Promise<number> {
    const rates: number[] = [];
    for (let passed = 0; passed < duration; passed += WINDOW) rates.push(await this.window());
    return median(rates);
  }

  /** Milliseconds until as much is served as `rate`, or undefined when it is not within the limit. */
  async until(rate: number, limit: number): Promise<number | undefined> {
    const start = performance.now();
    while (performance.now() - start < limit) {
      const windowStart = performance.now();
      if ((await this.window()) >= rate) return windowStart - start;
    }
    return undefined;
  }

  private async window(): Promise<number> {
    const [before, start] = [this.served(), performance.now()];
    await delay(WINDOW);
    return ((this.served() - before) / (performance.now() - start)) * 1_000;
  }
}
