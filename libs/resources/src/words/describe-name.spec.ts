import { describe, expect, it } from '@jest/globals';
import { describeName, listNames, quoteName } from './describe-name.js';

describe('a name in a message', () => {
  it.each([
    ['as it is', 'OrdersController.find (http)', 'OrdersController.find (http)'],
    ['in its own writing', 'Bestellungen für Zoë, 注文, Заказы', 'Bestellungen für Zoë, 注文, Заказы'],
    ['with its emoji', 'jobs 🚀', 'jobs 🚀'],
    ['on one line', 'x\r\n[Nest] LOG\tin', 'x\\r\\n[Nest] LOG\\tin'],
    ['without colours', '\u001b[31mred', '\\u001b[31mred'],
    [
      'without the other control characters',
      '\0a\u0007b\u007fc\u0085d\u009be',
      '\\u0000a\\u0007b\\u007fc\\u0085d\\u009be',
    ],
    ['in its own direction', 'a\u202eb\u2066c\u200fd\u061ce', 'a\\u202eb\\u2066c\\u200fd\\u061ce'],
    [
      'with all that it has',
      'a\u200bb\u200dc\ufeffd\u00ade\u2060f\u3164g',
      'a\\u200bb\\u200dc\\ufeffd\\u00ade\\u2060f\\u3164g',
    ],
    ['without separators of lines', 'a\u2028b\u2029c', 'a\\u2028b\\u2029c'],
    ['without halves of characters', '\ud83da\ude80', '\\ud83da\\ude80'],
    ['without invisible letters', 'a\u{e0041}b', 'a\\u{e0041}b'],
  ])('stands %s', (_, name, shown) => {
    expect(describeName(name)).toBe(shown);
    expect(describeName(shown)).toBe(shown);
  });

  it.each(['x'.repeat(1_000_000), '\n'.repeat(1_000_000), '🚀'.repeat(1_000), 'ab\u202e'.repeat(200)])(
    'is never longer than a line',
    (name) => {
      const shown = describeName(name);
      expect(shown.length).toBeLessThanOrEqual(200);
      expect(shown.length).toBeGreaterThan(190);
      expect(shown.endsWith('…')).toBe(true);
      expect(shown).not.toMatch(/\p{Cs}/u);
      expect(shown).not.toMatch(/\\u?[0-9a-f]{0,3}…$/);
    },
  );

  it('may be exactly as long as a line', () => {
    expect(describeName('x'.repeat(200))).toBe('x'.repeat(200));
    expect(describeName('ü'.repeat(200))).toBe('ü'.repeat(200));
  });

  it.each([
    [10, '(number)'],
    [Symbol('x'), '(symbol)'],
    [{}, '(object)'],
    [undefined, '(undefined)'],
  ])('that is none is only told by its kind: %p', (name, shown) => {
    expect(describeName(name)).toBe(shown);
  });

  it('in quotation marks can not end them', () => {
    expect(quoteName('a" and \\ and \n')).toBe('"a\\" and \\\\ and \\n"');
    expect(quoteName('pg')).toBe('"pg"');
  });

  it('is one of a list that is never long', () => {
    expect(listNames(['pg', 'a\nb'])).toBe('pg, a\\nb');
    const many = Array.from({ length: 1_000 }, (_, i) => `t${i}`);
    expect(listNames(many, 3)).toBe('t0, t1, t2, and 997 more');
  });
});
