import { describe, expect, it } from '@jest/globals';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { type Duration, parseDuration } from './duration.js';

describe('parseDuration', () => {
  it.each<[Duration, number]>([
    [0, 0],
    [1.5, 1.5],
    [250, 250],
    [Infinity, Infinity],
    ['0s', 0],
    ['250ms', 250],
    ['30s', 30_000],
    ['1.5s', 1_500],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['2d', 172_800_000],
    ['  10 s ', 10_000],
  ])('reads %p as %d ms', (value, ms) => {
    expect(parseDuration(value, 'option')).toBe(ms);
  });

  it.each<[unknown, string]>([
    [-1, '-1'],
    [NaN, 'NaN'],
    [-Infinity, '-Infinity'],
    ['', '""'],
    ['soon', '"soon"'],
    ['10', '"10"'],
    ['-5s', '"-5s"'],
    ['5 weeks', '"5 weeks"'],
    ['1e3ms', '"1e3ms"'],
    ['5S', '"5S"'],
    [null, 'null'],
    [undefined, 'undefined'],
    [true, 'true'],
    [{}, 'an object'],
    [[5], 'an array'],
    [() => 5, 'a function'],
  ])('refuses %p and says what would be right', (value, shown) => {
    const read = (): number => parseDuration(value as Duration, 'pool.idleTimeout', 'pg');
    expect(read).toThrow(InvalidOptionsError);
    expect(read).toThrow(
      expect.objectContaining({
        option: 'pool.idleTimeout',
        type: 'pg',
        message: expect.stringMatching(
          /"pool\.idleTimeout" must be milliseconds or a string such as "250ms"/,
        ),
      }),
    );
    expect(read).toThrow(`got ${shown}.`);
  });
});
