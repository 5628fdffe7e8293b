import { BadRequestException, Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Transactional } from 'nestjs-resources';
import { OrdersDb } from '../database/orders-db.js';
import { orderDraft } from './order-draft.schema.js';
import type { OrderDraft } from './order.js';

const BATCH_SIZE = 500;

/** Takes in thousands of orders in one transaction on the request's own session: all of them or none. */
@Injectable()
export class OrderImport {
  constructor(private readonly db: OrdersDb) {}

  @Transactional({ type: 'pg' })
  async run(rows: AsyncIterable<unknown>): Promise<{ imported: number }> {
    let imported = 0;
    let batch: OrderDraft[] = [];
    for await (const row of rows) {
      imported += 1;
      batch.push(validRow(row, imported));
      if (batch.length === BATCH_SIZE) {
        await this.insert(batch);
        batch = [];
      }
    }
    await this.insert(batch);
    return { imported };
  }

  /** Sends one text, however many rows there are. Kysely uses the session of the transaction in which it is called. */
  private async insert(batch: OrderDraft[]): Promise<void> {
    const columns = {
      customers: batch.map(({ customer }) => customer),
      items: batch.map(({ item }) => item),
      quantities: batch.map(({ quantity }) => quantity),
      prices: batch.map(({ price }) => price),
    };
    await sql`
      INSERT INTO orders (customer, item, quantity, price)
      SELECT * FROM unnest(
        ${columns.customers}::text[], ${columns.items}::text[], ${columns.quantities}::int[], ${columns.prices}::numeric[]
      )`.execute(this.db);
  }
}

function validRow(row: unknown, number: number): OrderDraft {
  const result = orderDraft.validate(row);
  if (result.issues) {
    const reasons = result.issues.map(({ path, message }) => [...(path ?? []), message].join(' '));
    throw new BadRequestException({
      statusCode: 400,
      error: 'Bad Request',
      message: `row ${number}: ${reasons.join('; ')}`,
      row: number,
    });
  }
  return result.value;
}
