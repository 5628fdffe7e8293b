import { Agent, get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Latencies } from './latencies.js';

/** Milliseconds between an answer and the next question. */
const INTERVAL = 10;

/**
 * Asks for what borrows nothing and computes nothing, over and over on one connection: what it waits for is that the event loop comes round.
 */
export class Probe {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(
    private readonly url: string,
    private readonly latencies: Latencies,
  ) {}

  /** Resolves when the signal is aborted. A target that does not answer shows in the load's errors. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const from = performance.now();
      await this.ask(signal).then(
        () => this.latencies.add(performance.now() - from),
        () => undefined,
      );
      await delay(INTERVAL, undefined, { signal }).catch(() => undefined);
    }
    this.agent.destroy();
  }

  private ask(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const asked = get(`${this.url}/health/live`, { agent: this.agent, signal }, (answer) => {
        answer.resume().once('end', resolve).once('error', reject);
      });
      asked.once('error', reject);
    });
  }
}
