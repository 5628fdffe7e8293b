import { describe, expect, it } from '@jest/globals';
import { figuresByCustomer, figuresOf } from './customer-figures.js';

const order = (id: number, customer: string, price: number, quantity = 1) => {
  return { id, customer, item: 'tea', quantity, price };
};

describe('the figures of orders', () => {
  it('are their count, total, median and ninth tenth', () => {
    const orders = Array.from({ length: 10 }, (_, index) => order(index, 'Ada', 10 - index));
    expect(figuresOf(orders)).toEqual({ orders: 10, total: 55, median: 5, p90: 9 });
  });

  it('count each piece of an order', () => {
    expect(figuresOf([order(1, 'Ada', 2.5, 4)])).toEqual({ orders: 1, total: 10, median: 10, p90: 10 });
  });

  it('are zeros where there are none', () => {
    expect(figuresOf([])).toEqual({ orders: 0, total: 0, median: 0, p90: 0 });
  });
});

describe('the figures by customer', () => {
  it('begin with who has ordered most, and among equals by name', () => {
    const orders = [order(1, 'Cy', 1), order(2, 'Bo', 1), order(3, 'Ada', 1), order(4, 'Bo', 1)];
    expect(figuresByCustomer(orders).map(({ customer, orders, total }) => [customer, orders, total])).toEqual(
      [
        ['Bo', 2, 2],
        ['Ada', 1, 1],
        ['Cy', 1, 1],
      ],
    );
  });

  it('list the orders of the highest value first, and among equals the oldest', () => {
    const orders = [order(3, 'Ada', 1), order(1, 'Ada', 1), order(2, 'Ada', 5)];
    expect(figuresByCustomer(orders)[0].list.map(({ id }) => id)).toEqual([2, 1, 3]);
  });
});
