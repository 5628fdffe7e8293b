import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import type { ReportEvent } from '../../src/order-report/render-report.js';

/** Asks for a report over a connection of its own, and reads it as fast as its user wants. */
export class ReportReader {
  readonly answer: Promise<IncomingMessage>;
  private readonly sent: ClientRequest;

  constructor(url: string, body: object, headers: OutgoingHttpHeaders = {}) {
    this.sent = request(`${url}/orders/report`, {
      method: 'POST',
      agent: false,
      headers: { 'content-type': 'application/json', ...headers },
    });
    this.sent.end(JSON.stringify(body));
    this.answer = once(this.sent, 'response').then(([answer]) => answer as IncomingMessage);
    this.answer.catch(() => undefined); // of who hangs up before
    this.sent.on('error', () => undefined);
  }

  /** The events as they come; leaving the loop hangs up. */
  async *events(): AsyncGenerator<ReportEvent> {
    const answer = (await this.answer).setEncoding('utf8');
    let rest = '';
    for await (const text of answer as AsyncIterable<string>) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      yield* lines.map((line) => JSON.parse(line) as ReportEvent);
    }
  }

  /** All events. Rejects when the answer is cut off. */
  async all(): Promise<ReportEvent[]> {
    const events: ReportEvent[] = [];
    for await (const event of this.events()) events.push(event);
    return events;
  }

  /** @returns whether the report came to its end */
  async isWhole(): Promise<boolean> {
    const events = await this.all();
    return events.at(-1)?.event === 'done';
  }

  async status(): Promise<number | undefined> {
    return (await this.answer).statusCode;
  }

  hangUp(): void {
    this.sent.destroy();
  }
}

/** The report that the events tell. */
export function documentOf(events: readonly ReportEvent[]): Buffer {
  const parts = events.flatMap((event) => (event.event === 'part' ? [event.data] : []));
  return Buffer.from(parts.join(''), 'base64');
}
