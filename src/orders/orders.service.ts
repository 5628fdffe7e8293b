import { Injectable } from '@nestjs/common';
import { PooledResource, type ScopedLease } from 'nestjs-resources';
import type { Client } from 'pg';
import { ORDER_COLUMNS, type Order, type OrderDraft } from './order.js';

export interface OrdersTotal {
  orders: number;
  total: number;
  /** The process id of the session that counted. */
  backend: number;
}

/** A singleton, although every request works on its own session: the scoped lease knows which one. */
@Injectable()
export class OrdersService {
  constructor(@PooledResource('pg') private readonly pg: ScopedLease<Client>) {}

  async create({ customer, item, quantity, price }: OrderDraft): Promise<Order> {
    const client = await this.pg.acquire();
    const { rows } = await client.query<Order>(
      `INSERT INTO orders (customer, item, quantity, price) VALUES ($1, $2, $3, $4) RETURNING ${ORDER_COLUMNS}`,
      [customer, item, quantity, price],
    );
    return rows[0];
  }

  async total(): Promise<OrdersTotal> {
    const client = await this.pg.acquire();
    const { rows } = await client.query<OrdersTotal>(
      `SELECT count(*)::int AS orders, coalesce(sum(quantity * price), 0)::float8 AS total,
              pg_backend_pid() AS backend
         FROM orders`,
    );
    return rows[0];
  }
}
