import type { Order } from '../orders/order.js';
import { PdfDocument } from './pdf-document.js';
import { reportPages } from './report-pages.js';

/** Bytes of a part. Three at a time make four characters of Base64, so that the texts of all parts are that of the whole. */
const PART = 48 * 1_024;
/** Most that is told of how far it is. */
const PROGRESS_EVENTS = 100;

/** What a report's reader is told, one after the other. */
export type ReportEvent =
  /** So many of the orders are laid out. */
  | { readonly event: 'progress'; readonly orders: number; readonly of: number }
  /** The next part of the PDF, as Base64. */
  | { readonly event: 'part'; readonly data: string }
  /** The last. */
  | { readonly event: 'done'; readonly orders: number; readonly pages: number; readonly bytes: number };

export interface ReportInput {
  readonly title: string;
  readonly orders: readonly Order[];
}

/** Renders a report as a PDF. It computes from one event to the next: a second for 100,000 orders, all in all. */
export function* renderReport({ title, orders }: ReportInput, signal?: AbortSignal): Generator<ReportEvent> {
  const of = orders.length;
  yield { event: 'progress', orders: 0, of };
  const pdf = new PdfDocument();
  let waiting = pdf.begin();
  let bytes = 0;
  let pages = 0;
  let told = 0;
  for (const page of reportPages(title, orders)) {
    signal?.throwIfAborted();
    waiting = Buffer.concat([waiting, pdf.page(page.lines)]);
    pages += 1;
    while (waiting.length >= PART) {
      yield { event: 'part', data: waiting.toString('base64', 0, PART) };
      waiting = waiting.subarray(PART);
      bytes += PART;
    }
    if (page.orders - told >= of / PROGRESS_EVENTS) {
      told = page.orders;
      yield { event: 'progress', orders: told, of };
    }
  }
  waiting = Buffer.concat([waiting, pdf.end()]);
  yield { event: 'part', data: waiting.toString('base64') };
  yield { event: 'done', orders: of, pages, bytes: bytes + waiting.length };
}
