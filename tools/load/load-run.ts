import autocannon, { type Client, type Options } from 'autocannon';
import type { Latencies } from './latencies.js';
import type { LoadOptions } from './load-options.js';
import { requestMix } from './request-mix.js';

/** What happened up to now. */
export class LoadRun {
  requests = 0;
  /** Answers that were not the expected ones, by what they were, and connections that failed. */
  readonly errors = new Map<string, number>();

  constructor(
    private readonly url: string,
    private readonly options: Pick<LoadOptions, 'duration' | 'connections'>,
    private readonly latencies: Latencies,
  ) {}

  get errorCount(): number {
    return [...this.errors.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Resolves when the time is up; calls `onSecond` once a second until then. */
  drive(onSecond: () => void): Promise<void> {
    const { url, options } = this;
    const mix = requestMix((status, path) => this.count(`${status} on ${path}`));
    let clients = 0;
    const settings: Options = {
      url,
      duration: options.duration,
      connections: options.connections,
      // Every connection starts at another place of the mix, so that all routes are busy all the time.
      setupClient: (client: Client) => {
        const start = clients % mix.length;
        clients += 1;
        client.setRequests([...mix.slice(start), ...mix.slice(0, start)]);
      },
    };
    return new Promise((resolve, reject) => {
      const instance = autocannon(settings, (error: unknown) => (error ? reject(error) : resolve()));
      instance.on('response', (_client, _status, _bytes, duration) => {
        this.requests += 1;
        this.latencies.add(duration);
      });
      instance.on('reqError', (error: Error) => this.count(error.message));
      instance.on('tick', onSecond);
    });
  }

  count(error: string): void {
    this.errors.set(error, (this.errors.get(error) ?? 0) + 1);
  }
}
