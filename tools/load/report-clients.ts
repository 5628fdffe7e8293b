import { setTimeout as delay } from 'node:timers/promises';
import type { Activities, Activity } from './activity.js';

/** Orders of a report. There are as many, because so many are taken in before the load begins. */
const ORDERS = 10_000;
const BODY = JSON.stringify({ title: 'All orders', last: ORDERS });
const JSON_TYPE = { 'content-type': 'application/json' };
/** One in so many readers hangs up in the middle. */
const HANGS_UP = 3;

interface Way {
  readonly activity: Activity;
  readonly path: string;
}

const PROCESSOR: Way = { activity: 'in a processor', path: '/orders/report' };
const EVENT_LOOP: Way = { activity: 'on the event loop', path: '/blocking-report' };

/** Reads reports: all clients at once, and then none for as long as that took, so that the other requests know both. */
export class ReportClients {
  /** Counts. */
  hungUp = 0;
  refused = 0;
  /** Of the reports that a processor rendered and that were read to their end, in milliseconds. */
  readonly durations: number[] = [];
  private asked = 0;

  /** @param failed called for each answer that is not the one to expect */
  constructor(
    private readonly url: string,
    private readonly options: { readonly reports: number; readonly blocking: boolean },
    private readonly activities: Activities,
    private readonly failed: (what: string) => void,
  ) {}

  /** Takes in the orders that the reports are about. @throws Error if the application takes none */
  async prepare(): Promise<void> {
    if (this.options.reports === 0) return;
    const orders = Array.from({ length: ORDERS }, (_, index) => ({
      customer: `customer ${index % 500}`,
      item: `tea of ${index}`,
      quantity: (index % 9) + 1,
      price: index / 4,
    }));
    const { status } = await this.post('/orders/import', JSON.stringify(orders));
    if (status !== 201) throw new Error(`the application took in no orders: ${status}`);
  }

  /** Resolves when the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const ways = this.options.blocking ? [PROCESSOR, EVENT_LOOP] : [PROCESSOR];
    for (let turn = 0; this.options.reports > 0 && !signal.aborted; turn += 1) {
      const way = ways[turn % ways.length];
      const from = performance.now();
      this.activities.begin(way.activity);
      await Promise.all(Array.from({ length: this.options.reports }, () => this.read(way, signal)));
      this.activities.end();
      await delay(performance.now() - from, undefined, { signal }).catch(() => undefined);
    }
  }

  private async read({ path, activity }: Way, signal: AbortSignal): Promise<void> {
    const inProcessor = activity === 'in a processor';
    if (inProcessor) this.asked += 1;
    const hangsUp = inProcessor && this.asked % HANGS_UP === 0;
    const from = performance.now();
    try {
      const answer = await this.post(path, BODY, signal);
      if (answer.status === 503) this.refused += 1;
      else if (answer.status !== 201) this.failed(`${answer.status} on ${path}`);
      for await (const _ of answer.body ?? []) if (hangsUp) break;
      if (answer.status !== 201 || !inProcessor) return;
      if (hangsUp) this.hungUp += 1;
      else this.durations.push(performance.now() - from);
    } catch (error) {
      if (!signal.aborted) this.failed(`${(error as Error).message} on ${path}`);
    }
  }

  private post(path: string, body: string, signal?: AbortSignal): Promise<Response> {
    return fetch(`${this.url}${path}`, { method: 'POST', headers: JSON_TYPE, body, signal });
  }
}
