import { describe, expect, it } from '@jest/globals';
import { LastLines } from './last-lines.js';

describe('the last lines of a text', () => {
  it('are put together from its pieces', () => {
    const last = new LastLines();
    for (const piece of ['fir', 'st\nsec', 'ond\r\n', '\n']) last.add(piece);
    expect(last.lines).toEqual(['first', 'second']);
  });

  it('are few, and short in all, however long it is', () => {
    const last = new LastLines();
    for (let line = 0; line < 100; line++) last.add(`line ${line}\n`);
    expect(last.lines).toHaveLength(20);
    expect(last.lines.at(-1)).toBe('line 99');
    last.add('x'.repeat(1_000_000));
    expect(last.lines.join('').length).toBeLessThanOrEqual(8_192);
  });
});
