import { describe, expect, it } from '@jest/globals';
import { inflateSync } from 'node:zlib';
import { renderReport, type ReportEvent } from './render-report.js';

const order = { id: 1, customer: 'Ada', item: 'tea', quantity: 2, price: 1_000.5 };
const many = Array.from({ length: 5_000 }, (_, index) => ({
  ...order,
  id: index + 1,
  item: Math.random().toString(36),
}));

const documentOf = (events: readonly ReportEvent[]): Buffer =>
  Buffer.from(events.map((event) => (event.event === 'part' ? event.data : '')).join(''), 'base64');

/** The text of the pages, as their streams have it. */
function textOf(pdf: Buffer): string {
  const source = pdf.toString('latin1');
  const streams = [...source.matchAll(/\/Length (\d+)\/Filter\/FlateDecode>>\nstream\n/g)];
  return streams
    .map(({ index, 0: head, 1: length }) =>
      inflateSync(pdf.subarray(index + head.length, index + head.length + Number(length))).toString('latin1'),
    )
    .join('\n');
}

describe('a report', () => {
  it('tells how far it is, first that nothing is done, and in the end what there is', () => {
    const events = [...renderReport({ title: 'All', orders: many })];
    expect(events[0]).toEqual({ event: 'progress', orders: 0, of: 5_000 });
    const told = events.flatMap((event) => (event.event === 'progress' ? [event.orders] : []));
    expect(told).toEqual(told.toSorted((one, other) => one - other));
    expect(told.length).toBeGreaterThan(50);
    expect(told.length).toBeLessThanOrEqual(101);
    expect(events.at(-1)).toEqual({
      event: 'done',
      orders: 5_000,
      pages: Math.ceil(5_006 / 62),
      bytes: documentOf(events).length,
    });
  });

  it('comes in parts whose texts are that of the whole, one after the other', () => {
    const events = [...renderReport({ title: 'All', orders: many })];
    const parts = events.flatMap((event) => (event.event === 'part' ? [event.data] : []));
    expect(parts.length).toBeGreaterThan(1);
    expect(documentOf(events)).toEqual(Buffer.concat(parts.map((part) => Buffer.from(part, 'base64'))));
  });

  it('is a PDF whose table finds each of its objects', () => {
    const pdf = documentOf([...renderReport({ title: 'All', orders: many })]).toString('latin1');
    const table = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(pdf)?.[1]);
    expect(pdf.slice(table, table + 5)).toBe('xref\n');
    const offsets = [...pdf.slice(table).matchAll(/^(\d{10}) 00000 n $/gm)].map(([, offset]) =>
      Number(offset),
    );
    expect(offsets.length).toBe(3 + 2 * Math.ceil(5_006 / 62));
    offsets.forEach((offset, index) =>
      expect(pdf.slice(offset)).toMatch(new RegExp(`^${index + 1} 0 obj\n`)),
    );
  });

  it('names title, customers, their figures, and each of their orders', () => {
    const text = textOf(documentOf([...renderReport({ title: 'All', orders: [order] })]));
    expect(text).toContain("(All)'");
    expect(text).toContain(
      '(Orders: 1. Total: 2,001.00. Half up to 2,001.00, nine out of ten up to 2,001.00.)',
    );
    expect(text).toContain("(1. Ada)'");
    expect(text).toMatch(/ 1 {2}tea +1,000\.50 +2 +2,001\.00\)'/);
  });

  it('escapes what would end its text, and has a question mark for what its font lacks', () => {
    const title = String.raw`a(b)\c é` + ' ☕\n';
    const text = textOf(documentOf([...renderReport({ title, orders: [] })]));
    expect(text).toContain(String.raw`(a\(b\)\\c é ??)'`);
  });

  it('is one page where there are no orders', () => {
    const events = [...renderReport({ title: 'All', orders: [] })];
    expect(events.at(-1)).toMatchObject({ event: 'done', orders: 0, pages: 1 });
  });

  it('is not rendered any further once its signal is aborted', () => {
    const ending = new AbortController();
    const events = renderReport({ title: 'All', orders: many }, ending.signal);
    expect(events.next().done).toBe(false);
    ending.abort(new Error('nobody reads it'));
    expect(() => events.next()).toThrow('nobody reads it');
    expect(events.next().done).toBe(true);
  });
});
