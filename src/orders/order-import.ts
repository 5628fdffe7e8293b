import { BadRequestException, Injectable } from '@nestjs/common';
import { ResourceCoordinator } from 'nestjs-resources';
import type { Client } from 'pg';
import { orderDraft } from './order-draft.schema.js';
import type { OrderDraft } from './order.js';

const BATCH_SIZE = 500;

/** Takes in thousands of orders in one transaction on the request's own session: all of them or none. */
@Injectable()
export class OrderImport {
  constructor(private readonly coordinator: ResourceCoordinator) {}

  run(rows: AsyncIterable<unknown>): Promise<{ imported: number }> {
    return this.coordinator.transaction<Client, { imported: number }>('pg', async (client) => ({
      imported: await this.insertAll(client, rows),
    }));
  }

  private async insertAll(client: Client, rows: AsyncIterable<unknown>): Promise<number> {
    let imported = 0;
    let batch: OrderDraft[] = [];
    for await (const row of rows) {
      imported += 1;
      batch.push(validRow(row, imported));
      if (batch.length === BATCH_SIZE) {
        await insert(client, batch);
        batch = [];
      }
    }
    await insert(client, batch);
    return imported;
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

async function insert(client: Client, batch: OrderDraft[]): Promise<void> {
  await client.query(
    `INSERT INTO orders (customer, item, quantity, price)
     SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::numeric[])`,
    [
      batch.map(({ customer }) => customer),
      batch.map(({ item }) => item),
      batch.map(({ quantity }) => quantity),
      batch.map(({ price }) => price),
    ],
  );
}
