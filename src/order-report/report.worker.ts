import type { JobContext } from 'nestjs-resources/processors';
import type { Order } from '../orders/order.js';
import { renderReport, type ReportEvent } from './render-report.js';

/** The orders of the report that is being made. The thread is lent to one request at a time. */
let taken: Order[] = [];

/** A report begins: nothing of another one is left. */
export function open(): void {
  taken = [];
}

export function add(orders: readonly Order[]): void {
  taken.push(...orders);
}

export async function* render(title: string, job: JobContext): AsyncGenerator<ReportEvent> {
  yield* renderReport({ title, orders: taken }, job.signal);
}
