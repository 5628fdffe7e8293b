import { describe, expect, it } from '@jest/globals';
import { doingOf } from './transaction-words.js';

describe('what a text does to a transaction', () => {
  it.each<[string, object]>([
    ['BEGIN', {}],
    ['begin;', {}],
    ['BEGIN WORK', {}],
    ['-- a comment\n/* and /* another */ */ START TRANSACTION;', {}],
    [
      'start transaction isolation level serializable read only',
      { isolation: 'SERIALIZABLE', readOnly: true },
    ],
    [
      'BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE;',
      { isolation: 'REPEATABLE READ', readOnly: false },
    ],
    ['BEGIN NOT DEFERRABLE', {}],
  ])('%j begins one', (text, terms) => {
    expect(doingOf(text)).toEqual({
      kind: 'begin',
      terms: { isolation: undefined, readOnly: undefined, ...terms },
    });
  });

  it.each([
    'SET TRANSACTION ISOLATION LEVEL READ COMMITTED',
    'set local transaction isolation level read committed;',
  ])('%j says what the one that has begun is to be', (text) => {
    const terms = { isolation: 'READ COMMITTED', readOnly: undefined };
    expect(doingOf(text)).toEqual({ kind: 'terms', terms });
  });

  it.each<[string, string]>([
    ...['COMMIT', 'commit;', 'END', 'COMMIT TRANSACTION', 'END WORK', 'COMMIT AND NO CHAIN'].map(
      (text): [string, string] => [text, 'commit'],
    ),
    ...['ROLLBACK', 'abort;', 'rollback work', '/* x */ROLLBACK AND NO CHAIN'].map(
      (text): [string, string] => [text, 'rollback'],
    ),
  ])('%j ends one by %s', (text, kind) => {
    expect(doingOf(text)).toEqual({ kind });
  });

  it.each([
    'COMMIT AND CHAIN',
    'ROLLBACK AND CHAIN',
    `PREPARE TRANSACTION 'a'`,
    'BEGIN DEFERRABLE',
    'BEGIN; INSERT INTO a VALUES (1); COMMIT',
    'SELECT 1; COMMIT',
    `SET TRANSACTION SNAPSHOT 'a'`,
    'begin transaction isolation level x',
  ])('%j does something that has no place in another one', (text) => {
    expect(doingOf(text)).toEqual({ kind: 'other' });
  });

  it.each([
    'VACUUM',
    'vacuum (analyze) orders',
    'CREATE INDEX CONCURRENTLY ON orders (id)',
    'create unique index concurrently a on orders (id)',
    'DROP INDEX CONCURRENTLY IF EXISTS a',
    'REINDEX TABLE CONCURRENTLY orders',
    'REINDEX (VERBOSE) DATABASE a',
    'CREATE DATABASE a',
    'DROP DATABASE IF EXISTS a',
    `ALTER SYSTEM SET work_mem TO '7MB'`,
    'ALTER TABLE a DETACH PARTITION b CONCURRENTLY',
    'CLUSTER',
    `COMMIT PREPARED 'a'`,
    'CREATE SUBSCRIPTION a CONNECTION b PUBLICATION c',
  ])('%j can not run in one', (text) => {
    expect(doingOf(text)).toEqual({ kind: 'unfit' });
  });

  it.each([
    '',
    ';',
    'SELECT 1',
    'select 1; select 2',
    `SELECT 'COMMIT'; SELECT ';BEGIN'`,
    'SAVEPOINT a',
    'ROLLBACK TO SAVEPOINT a',
    'ROLLBACK WORK TO a; SELECT 1',
    'RELEASE SAVEPOINT a',
    `SET work_mem TO '7MB'`,
    'SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY',
    'SET CONSTRAINTS ALL IMMEDIATE',
    'CREATE INDEX ON orders (id)',
    'CREATE TABLE begin_work (id int)',
    'CREATE FUNCTION a() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END',
    'DO $$ BEGIN PERFORM 1; COMMIT; END $$',
    'CLUSTER orders',
    'REINDEX TABLE orders',
    'beginning',
    'PREPARE a AS SELECT 1',
    'REFRESH MATERIALIZED VIEW CONCURRENTLY a',
    `SELECT '`,
  ])('%j does nothing', (text) => {
    expect(doingOf(text)).toEqual({ kind: 'nothing' });
  });
});
