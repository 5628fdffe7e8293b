import type { Order } from '../orders/order.js';

/** What somebody has ordered. */
export interface Figures {
  readonly orders: number;
  readonly total: number;
  readonly median: number;
  /** Nine out of ten orders are of at most this value. */
  readonly p90: number;
}

export interface CustomerFigures extends Figures {
  readonly customer: string;
  /** Those of the highest value first. */
  readonly list: readonly Order[];
}

/** All customers, who has ordered most first. */
export function figuresByCustomer(orders: readonly Order[]): CustomerFigures[] {
  const lists = new Map<string, Order[]>();
  for (const order of orders) {
    const list = lists.get(order.customer);
    if (list === undefined) lists.set(order.customer, [order]);
    else list.push(order);
  }
  return [...lists]
    .map(([customer, list]) => ({
      customer,
      ...figuresOf(list),
      list: list.toSorted((one, other) => valueOf(other) - valueOf(one) || one.id - other.id),
    }))
    .toSorted((one, other) => other.total - one.total || compare(one.customer, other.customer));
}

export function figuresOf(orders: readonly Order[]): Figures {
  const values = Float64Array.from(orders, valueOf).toSorted();
  return {
    orders: values.length,
    total: values.reduce((sum, value) => sum + value, 0),
    median: percentile(values, 0.5),
    p90: percentile(values, 0.9),
  };
}

export function valueOf({ quantity, price }: Order): number {
  return quantity * price;
}

/** The least value that so many are at most of; 0 of none. */
function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
