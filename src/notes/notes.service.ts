import { Injectable } from '@nestjs/common';
import { Transactional } from 'nestjs-resources';
import { OrdersDb } from '../database/orders-db.js';

export interface Note {
  readonly id: number;
  readonly text: string;
}

/** The notes of the request's tenant. No query names the tenant: in the request's transactions, the database knows it. */
@Injectable()
export class NotesService {
  constructor(private readonly db: OrdersDb) {}

  @Transactional({ type: 'pg' })
  create(text: string): Promise<Note> {
    return this.db.insertInto('notes').values({ text }).returning(['id', 'text']).executeTakeFirstOrThrow();
  }

  @Transactional({ type: 'pg', readOnly: true })
  all(): Promise<Note[]> {
    return this.db.selectFrom('notes').select(['id', 'text']).orderBy('id').execute();
  }
}
