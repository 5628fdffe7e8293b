import type { Postgres } from './postgres.fixture.js';

/** Orders of which hardly anything can be compressed: a report of 100,000 is more than what the buffers between here and there can take. */
export async function insertRandomOrders(postgres: Postgres, count: number): Promise<void> {
  await postgres.query(
    `INSERT INTO orders (customer, item, quantity, price)
     SELECT 'customer ' || (i % 500), encode(sha256(random()::text::bytea), 'base64'), i % 9 + 1, (i % 1000) / 4.0
       FROM generate_series(1, ${count}) AS i`,
  );
}
