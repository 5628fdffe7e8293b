import { Injectable } from '@nestjs/common';
import type { Client } from 'pg';
import { readInBatches } from '../database/read-in-batches.js';
import { ORDER_COLUMNS, type Order } from './order.js';

const BATCH_SIZE = 500;

/** Streams the whole table in constant memory: the next rows leave the database when the client has taken the last. */
@Injectable()
export class OrderExport {
  /** NDJSON. Returned by a handler, it keeps the request's session on loan until the cursor is closed. */
  async *lines(client: Client): AsyncGenerator<string> {
    const query = `SELECT ${ORDER_COLUMNS} FROM orders ORDER BY id`;
    for await (const rows of readInBatches<Order>(client, query, BATCH_SIZE)) {
      yield rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    }
  }
}
