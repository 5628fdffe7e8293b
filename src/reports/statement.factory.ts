import {
  type CreateCachedContext,
  CachedResourceFactory,
  PooledResource,
  type ScopedLease,
} from 'nestjs-resources';
import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'pg';
import { ORDER_COLUMNS, type Order } from '../orders/order.js';

/** All orders of a customer, as a file. */
export interface Statement {
  readonly path: string;
}

/**
 * Writes a customer's statement once for all who want it within a minute. A cached resource: its file is read by many
 * requests at the same time, and deleted when it is too old and the last of them has read it to the end.
 */
@CachedResourceFactory('statement', { max: 100, ttl: '1m' })
export class StatementFactory implements CachedResourceFactory<Statement> {
  constructor(@PooledResource('pg') private readonly pg: ScopedLease<Client>) {}

  async create({ key: customer, signal }: CreateCachedContext): Promise<Statement> {
    const query = `SELECT ${ORDER_COLUMNS} FROM orders WHERE customer = $1 ORDER BY id`;
    const { rows } = await this.pg.use((client) => client.query<Order>(query, [customer]));
    const head = { customer, orders: rows.length, written: new Date() };
    const text = [head, ...rows].map((line) => `${JSON.stringify(line)}\n`).join('');
    const path = join(tmpdir(), `orders-statement-${randomUUID()}.ndjson`);
    try {
      await writeFile(path, text, { signal });
    } catch (error) {
      await remove(path);
      throw error;
    }
    return { path };
  }

  async destroy({ path }: Statement): Promise<void> {
    await remove(path);
  }
}

async function remove(path: string): Promise<void> {
  await rm(path, { force: true });
}
