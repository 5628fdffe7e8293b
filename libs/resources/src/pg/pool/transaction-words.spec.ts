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
      isDeferrable: false,
    });
  });

  it('begins one that may wait until it can not fail', () => {
    expect(doingOf('BEGIN ISOLATION LEVEL SERIALIZABLE, READ ONLY, DEFERRABLE')).toEqual({
      kind: 'begin',
      terms: { isolation: 'SERIALIZABLE', readOnly: true },
      isDeferrable: true,
    });
  });

  it.each<[string, object]>([
    ['SET TRANSACTION ISOLATION LEVEL READ COMMITTED', { isolation: 'READ COMMITTED' }],
    ['set local transaction isolation level read committed;', { isolation: 'READ COMMITTED' }],
    [`SET transaction_isolation TO 'Repeatable Read'`, { isolation: 'REPEATABLE READ' }],
    ['set session transaction_isolation = serializable', { isolation: 'SERIALIZABLE' }],
    ['SET LOCAL "transaction_read_only" = on', { readOnly: true }],
    [`SET transaction_read_only TO 'False'`, { readOnly: false }],
    ['SET transaction_deferrable = off', {}],
  ])('%j says what the one that has begun is to be', (text, terms) => {
    expect(doingOf(text)).toEqual({
      kind: 'terms',
      terms: { isolation: undefined, readOnly: undefined, ...terms },
      isDeferrable: false,
    });
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
    'SET transaction_isolation TO DEFAULT',
    'SET transaction_read_only = 1',
    `SELECT 'C:\\a'; COMMIT`,
    `SELECT U&'\\0041'; COMMIT`,
    `SELECT U&"a" FROM b; COMMIT`,
    'CREATE FUNCTION a() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END; COMMIT',
    'CREATE PROCEDURE a() BEGIN ATOMIC END; COMMIT',
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
    'CLUSTER (VERBOSE)',
    'ALTER SUBSCRIPTION a REFRESH PUBLICATION',
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
    'CREATE FUNCTION a() RETURNS int BEGIN ATOMIC SELECT CASE WHEN b THEN 1 END; SELECT 2; END; SELECT 1',
    'SELECT 1; CREATE FUNCTION a() RETURNS int BEGIN ATOMIC SELECT 1; END',
    `INSERT INTO a VALUES ('C:\\b; end of it')`,
    `SELECT '\\'; SELECT 'COMMIT; END'`,
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
