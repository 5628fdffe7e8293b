import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { NotPlainError, plainCopy } from './plain-copy.js';

const refusal = (value: unknown): NotPlainError => {
  try {
    plainCopy(value);
  } catch (error) {
    if (error instanceof NotPlainError) return error;
  }
  throw new Error('it was expected to be refused');
};

const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)]);

describe('a plain copy', () => {
  it('is what JSON gives back, for all that JSON has', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json = JSON.parse(JSON.stringify(value)) as unknown; // without -0
        expect(plainCopy(json)).toEqual(json);
      }),
      { seed: 8 },
    );
  });

  it('has nothing in common with what it is a copy of', () => {
    const value = { a: [{ b: 1 }] };
    const copy = plainCopy(value);
    value.a[0].b = 2;
    expect(copy).toEqual({ a: [{ b: 1 }] });
  });

  it('may be of an object of another realm, or without prototype', () => {
    expect(plainCopy(Object.assign(Object.create(null), { a: 1 }))).toEqual({ a: 1 });
  });

  it.each<[string, () => unknown, string, string]>([
    ['undefined', () => undefined, '', 'is of type undefined'],
    ['a function', () => ({ a: () => 1 }), 'a', 'is of type function'],
    ['a symbol', () => [Symbol('x')], '[0]', 'is of type symbol'],
    ['a bigint', () => ({ a: { b: 1n } }), 'a.b', 'is of type bigint'],
    ['NaN', () => NaN, '', 'is a number that JSON has not'],
    ['Infinity', () => [1, Infinity], '[1]', 'is a number that JSON has not'],
    ['-0, which JSON makes 0 of', () => -0, '', 'is a number that JSON has not'],
    ['a date', () => ({ at: new Date() }), 'at', 'is not plain data'],
    ['a map', () => new Map(), '', 'is not plain data'],
    ['an instance of a class', () => [new (class A {})()], '[0]', 'is not plain data'],
    ['a member that is undefined', () => ({ a: undefined }), 'a', 'is of type undefined'],
    [
      'a getter, which is not called',
      () => Object.defineProperty({}, 'a', { get: () => 1, enumerable: true }),
      'a',
      'is not a member',
    ],
    ['a hidden member', () => Object.defineProperty({}, 'a', { value: 1 }), 'a', 'is not a member'],
    ['a member with a symbol', () => ({ [Symbol('s')]: 1 }), '', 'has a symbol'],
    ['toJSON', () => ({ toJSON: () => 1 }), 'toJSON', 'is of type function'],
    ['an array with a gap', () => Object.assign([], { 1: 1 }), '', 'is an array with gaps'],
    ['an array with a name', () => Object.assign([1], { a: 1 }), '', 'is an array with gaps'],
    ['__proto__', () => JSON.parse('{ "a": { "__proto__": 1 } }') as unknown, 'a.__proto__', 'is a name'],
    ['what is too deep', () => deep(200), '[0]'.repeat(100), 'is too deep'],
    [
      'a revoked proxy',
      () => {
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        return { proxy };
      },
      '',
      "can't be read",
    ],
    [
      'a proxy that throws',
      () =>
        new Proxy(
          {},
          {
            ownKeys: () => {
              throw new Error('secret-1');
            },
          },
        ),
      '',
      "can't be read",
    ],
  ])('refuses %s', (_, make, path, problem) => {
    expect(refusal(make())).toMatchObject({ path, problem: expect.stringContaining(problem) });
  });

  it('refuses a ring where it closes, and nothing that only stands twice', () => {
    const parent: Record<string, unknown> = { name: 'p' };
    parent['children'] = [{ name: 'c', parent }];
    expect(refusal(parent)).toMatchObject({ path: 'children[0].parent', problem: 'is a ring' });
    const twice = { a: 1 };
    expect(plainCopy([twice, { twice }])).toEqual([{ a: 1 }, { twice: { a: 1 } }]);
  });

  it('refuses what would be too large, however little of it there is', () => {
    let value: unknown = 'x';
    for (let level = 0; level < 60; level++) value = { a: value, b: value };
    expect(() => plainCopy(value, { members: 1_000 })).toThrow('is too large');
    expect(refusal(Object.assign([], { length: 2 ** 31 })).problem).toMatch(/^is too large/);
    expect(plainCopy([1, [2]], { members: 3 })).toEqual([1, [2]]);
    expect(() => plainCopy([1, [2]], { members: 2 })).toThrow('[1] is too large');
  });
});
