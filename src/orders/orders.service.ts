import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { PooledResource, type ScopedLease } from 'nestjs-resources';
import type { Client } from 'pg';
import { OrdersDb } from '../database/orders-db.js';
import type { Order, OrderDraft } from './order.js';

export interface OrdersTotal {
  orders: number;
  total: number;
  /** The process id of the session that counted. */
  backend: number;
}

const price = sql<number>`price::float8`.as('price');

/** A singleton, although every request works on its own session: the scoped lease knows which one, and so does Kysely's pool. */
@Injectable()
export class OrdersService {
  constructor(
    private readonly db: OrdersDb,
    @PooledResource('pg') private readonly pg: ScopedLease<Client>,
  ) {}

  create(draft: OrderDraft): Promise<Order> {
    return this.db
      .insertInto('orders')
      .values(draft)
      .returning(['id', 'customer', 'item', 'quantity', price])
      .executeTakeFirstOrThrow();
  }

  find(id: number): Promise<Order | undefined> {
    return this.db
      .selectFrom('orders')
      .select(['id', 'customer', 'item', 'quantity', price])
      .where('id', '=', id)
      .executeTakeFirst();
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
