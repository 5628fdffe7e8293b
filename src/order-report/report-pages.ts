import type { Order } from '../orders/order.js';
import {
  type CustomerFigures,
  type Figures,
  figuresByCustomer,
  figuresOf,
  valueOf,
} from './customer-figures.js';

const LINES_OF_A_PAGE = 62;

const amount = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const count = new Intl.NumberFormat('en');

export interface ReportPage {
  readonly lines: readonly string[];
  /** Orders that stand on it and on the pages before. */
  readonly orders: number;
}

/** The report as text, page by page: what was ordered, by each customer, and each order. */
export function* reportPages(title: string, orders: readonly Order[]): Generator<ReportPage> {
  let lines: string[] = [];
  let told = 0;
  for (const line of reportLines(title, orders)) {
    if (lines.length === LINES_OF_A_PAGE) {
      yield { lines, orders: told };
      lines = [];
    }
    if (typeof line === 'string') lines.push(line);
    else {
      lines.push(orderLine(line));
      told += 1;
    }
  }
  yield { lines, orders: told };
}

function* reportLines(title: string, orders: readonly Order[]): Generator<string | Order> {
  yield title;
  yield* figureLines(figuresOf(orders));
  for (const [rank, figures] of figuresByCustomer(orders).entries()) yield* customerLines(rank + 1, figures);
}

function* customerLines(rank: number, figures: CustomerFigures): Generator<string | Order> {
  yield '';
  yield `${rank}. ${figures.customer}`;
  yield* figureLines(figures);
  yield* figures.list;
}

function* figureLines({ orders, total, median, p90 }: Figures): Generator<string> {
  yield `Orders: ${count.format(orders)}. Total: ${amount.format(total)}. Half up to ${amount.format(median)}, nine out of ten up to ${amount.format(p90)}.`;
  yield '-'.repeat(104);
}

function orderLine(order: Order): string {
  const { id, item, quantity, price } = order;
  const text = item.slice(0, 48).padEnd(48);
  const numbers = [amount.format(price), count.format(quantity), amount.format(valueOf(order))];
  const [each, pieces, value] = numbers.map((number, column) => number.padStart([13, 10, 18][column]));
  return `${String(id).padStart(11)}  ${text}${each}${pieces}${value}`;
}
