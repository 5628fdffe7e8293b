import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../time/clock.js';
import { FACTORY_OF_TYPE, factoryOfType } from './factory-of-type.js';

describe('the factory of a type', () => {
  it('is what one makes for the type', () => {
    const make = (type: string): object => ({ type });
    expect(factoryOfType({ [FACTORY_OF_TYPE]: make }, 'pdf', systemClock)).toEqual({ type: 'pdf' });
  });

  it('is what an instance of a class that makes one makes for the type', () => {
    class Factory {}
    const make = (type: string): object => ({ type });
    Object.defineProperty(Factory.prototype, FACTORY_OF_TYPE, { value: make });
    expect(factoryOfType(new Factory(), 'pdf', systemClock)).toEqual({ type: 'pdf' });
  });

  it.each([
    ['has nothing of the sort', {}],
    ['is a mock that has a function under any name', new Proxy({}, { get: () => () => ({}) })],
    [
      'does not tell what it has',
      new Proxy(
        {},
        {
          getOwnPropertyDescriptor: () => {
            throw new Error('a trap');
          },
        },
      ),
    ],
  ])('is the one that %s', (_, factory) => {
    expect(factoryOfType(factory, 'pdf', systemClock)).toBe(factory);
  });
});
