import { Inject, Injectable } from '@nestjs/common';
import { type Generated, Kysely, PostgresDialect } from 'kysely';
import { getPgPoolToken } from 'nestjs-resources/pg';
import type { Pool } from 'pg';

interface Tables {
  orders: {
    id: Generated<number>;
    customer: string;
    item: string;
    quantity: number;
    price: number;
    created: Generated<Date>;
  };
  notes: { id: Generated<number>; tenant: Generated<string>; text: string };
}

/** Typed queries on the sessions of the type `pg`. Each is a loan of its own, or a part of the transaction that is open around it. */
@Injectable()
export class OrdersDb extends Kysely<Tables> {
  constructor(@Inject(getPgPoolToken('pg')) pool: Pool) {
    super({ dialect: new PostgresDialect({ pool }) });
  }
}
