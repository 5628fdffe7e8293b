import { Injectable } from '@nestjs/common';
import { ResourceCoordinator } from 'nestjs-resources';
import type { Client } from 'pg';

/** Creates the table, or completes that of an earlier version, on a session of its own before the first request is taken. */
@Injectable()
export class OrdersSchema {
  constructor(private readonly coordinator: ResourceCoordinator) {}

  async create(): Promise<void> {
    await this.coordinator.use<Client>('pg', (client) =>
      client.query(`
        CREATE TABLE IF NOT EXISTS orders (
          id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          customer text NOT NULL,
          item text NOT NULL,
          quantity integer NOT NULL,
          price numeric(12, 2) NOT NULL,
          created timestamptz NOT NULL DEFAULT now()
        );
        ALTER TABLE orders ADD COLUMN IF NOT EXISTS created timestamptz NOT NULL DEFAULT now()`),
    );
  }
}
