import { beforeEach, describe, expect, it } from '@jest/globals';
import { LEFT } from '../left-behind.js';
import { StatementTable } from './statement-table.js';

describe('StatementTable', () => {
  let asked: number;
  let table: StatementTable;

  beforeEach(() => {
    asked = 0;
    const harmless = new Set<string>();
    harmless.has = () => ++asked > 0;
    table = new StatementTable({ harmless, sequences: false, insertsByItself: false });
  });

  it('judges a text once', () => {
    for (let time = 0; time < 3; time++) expect(table.verdictOn('SELECT f()').left).toBe(LEFT.nothing);
    expect(asked).toBe(1);
  });

  it('neither judges nor remembers a text of more than 16 KB, which may leave anything', () => {
    const long = `SELECT f() /* ${' '.repeat(16_384)} */`;
    expect(table.verdictOn(long)).toMatchObject({ left: LEFT.unknown, changesDatabase: true });
    expect(asked).toBe(0);
    expect(table.size).toBe(0);
  });

  it.each(['$\ud800$ a $\udc00$', '"\udfff"', `'a\0b'`])(
    'does not judge %j, which the server reads as something else',
    (text) => {
      expect(table.verdictOn(`SELECT ${text}`)).toMatchObject({ left: LEFT.unknown, changesDatabase: true });
    },
  );

  it('remembers what is asked for, however many others come', () => {
    for (let other = 0; other < 10_000; other++) {
      table.verdictOn('SELECT f()');
      table.verdictOn(`SELECT ${other}`);
    }
    expect(asked).toBe(1);
    expect(table.size).toBeLessThanOrEqual(2_000);
  });

  it('remembers few of what is long', () => {
    for (let other = 0; other < 1_000; other++) table.verdictOn(`SELECT '${other}${'x'.repeat(15_000)}'`);
    expect(table.size).toBeLessThanOrEqual(140);
  });
});
