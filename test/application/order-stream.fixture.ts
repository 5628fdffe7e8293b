import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, HttpClient } from './http-client.fixture.js';

export interface Failure {
  askedAt: number;
  answeredAt: number;
  answer?: Answer;
}

/** Orders without end, each with a customer of its own, over so many connections at once. */
export class OrderStream {
  /** The customers whose orders were confirmed. */
  readonly accepted: string[] = [];
  /** Answers that were no confirmation. */
  readonly refused: Answer[] = [];
  /** Requests without an answer. */
  unheard = 0;
  readonly failures: Failure[] = [];
  private readonly stopped = new AbortController();
  private readonly senders: Promise<void>[];

  constructor(
    private readonly http: HttpClient,
    connections: number,
  ) {
    this.senders = Array.from({ length: connections }, (_, sender) => this.sendOrders(sender));
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await Promise.all(this.senders);
    this.http.close();
  }

  private async sendOrders(sender: number): Promise<void> {
    for (let turn = 0; !this.stopped.signal.aborted; turn += 1) {
      const customer = `${sender}-${turn}`;
      const body = { customer, item: 'tea', quantity: 1, price: 1 };
      const askedAt = performance.now();
      const answer = await this.http.send({ method: 'POST', path: '/orders', body }).catch(() => undefined);
      if (answer?.status === 201) {
        this.accepted.push(customer);
        continue;
      }
      this.failures.push({ askedAt, answeredAt: performance.now(), answer });
      if (answer) {
        this.refused.push(answer);
      } else {
        this.unheard += 1;
        await delay(5);
      }
    }
  }
}
