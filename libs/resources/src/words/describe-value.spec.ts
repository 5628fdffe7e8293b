import { describe, expect, it } from '@jest/globals';
import { describeValue } from './describe-value.js';

describe('describeValue', () => {
  it.each<[unknown, string]>([
    ['a', '"a"'],
    [1, '1'],
    [null, 'null'],
    [undefined, 'undefined'],
    [Symbol.iterator, 'Symbol(Symbol.iterator)'],
    [class {}, 'a function'],
    [[], 'an array'],
    [{}, 'an object'],
  ])('shows %p as it would stand in the source', (value, shown) => {
    expect(describeValue(value)).toBe(shown);
  });
});
