import type { Pool } from 'pg';

/** What a transaction of an ORM is asked to be. */
export interface Terms {
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable';
  readonly readOnly?: boolean;
}

export interface OrmTransaction {
  insert(value: number): Promise<void>;
  /** Any statement. @returns its rows */
  run(text: string): Promise<Record<string, unknown>[]>;
  /** One inside of it, in the way of the library. */
  nested<R>(work: (transaction: OrmTransaction) => Promise<R>): Promise<R>;
}

/** One library, with a pool of ours: what the tests ask of each. */
export interface OrmClient {
  readonly name: string;
  /** Without a transaction. */
  insert(value: number): Promise<void>;
  /** Any statement, without a transaction. @returns its rows */
  run(text: string): Promise<Record<string, unknown>[]>;
  transaction<R>(work: (transaction: OrmTransaction) => Promise<R>, terms?: Terms): Promise<R>;
  /** Reads `generate_series(1, count)` piece by piece. */
  stream?(count: number): AsyncIterable<number>;
  /** Takes a session in the library's own way, uses it, and forgets it. */
  leak(): Promise<unknown>;
  close(): Promise<void>;
}

export interface OrmKind {
  readonly name: string;
  /** Whether it reads piece by piece. */
  readonly streams?: boolean;
  open(pool: Pool): OrmClient | Promise<OrmClient>;
  /** After the last one. */
  forget?(): Promise<void>;
}

/** Where all of them write. */
export const ORM_TABLE =
  'CREATE TABLE written (id serial PRIMARY KEY, client text NOT NULL, value int NOT NULL)';

/** As a standard's words of a BEGIN. */
export function wordsOf({ isolation, readOnly }: Terms = {}): string {
  return [
    isolation === undefined ? '' : ` ISOLATION LEVEL ${isolation.toUpperCase()}`,
    readOnly === undefined ? '' : readOnly ? ' READ ONLY' : ' READ WRITE',
  ].join('');
}
