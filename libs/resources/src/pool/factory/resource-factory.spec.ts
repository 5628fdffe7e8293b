import { describe, expect, it, jest } from '@jest/globals';
import { InvalidOptionsError, ResourcePool } from '../index.js';
import type { ResourceFactory } from './resource-factory.js';

describe('a factory', () => {
  const create = (): object => ({});

  it.each<[string, unknown, string]>([
    ['factory', undefined, 'must be a factory with a "create" method; got undefined.'],
    ['factory', null, 'must be a factory with a "create" method; got null.'],
    ['factory', create, 'must be a factory with a "create" method; got a function.'],
    ['factory.create', {}, 'must be a function that makes a resource; got undefined.'],
    ['factory.create', { create: 'x' }, 'must be a function that makes a resource; got "x".'],
    ['factory.destroy', { create, destroy: true }, 'must be a function when given; got true.'],
    ['factory.validate', { create, validate: {} }, 'must be a function when given; got an object.'],
    ['factory.reset', { create, reset: 1 }, 'must be a function when given; got 1.'],
    [
      'factory.dispose',
      { create, dispose: () => undefined },
      'is never called; what ends the life of a resource is called "destroy".',
    ],
  ])('is refused by the name of %s', (option, factory, problem) => {
    const make = (): unknown => new ResourcePool(factory as ResourceFactory<object>, { type: 'pg' });
    expect(make).toThrow(InvalidOptionsError);
    expect(make).toThrow(expect.objectContaining({ option, type: 'pg' }));
    expect(make).toThrow(`"${option}" ${problem}`);
  });

  it('may have a "dispose" of its own beside "destroy"', async () => {
    const dispose = jest.fn();
    const pool = new ResourcePool({ create, destroy: () => undefined, dispose } as ResourceFactory<object>);
    await (await pool.acquire()).release();
    await pool.close();
    expect(dispose).not.toHaveBeenCalled();
  });

  it('may be an object of a class with methods that use this', async () => {
    class Factory implements ResourceFactory<string> {
      private readonly name = 'session';
      create(): string {
        return this.name;
      }
      destroy(): string {
        return this.name;
      }
      validate(): boolean {
        return this.name === 'session';
      }
      reset(): string {
        return this.name;
      }
    }
    const pool = new ResourcePool(new Factory(), { validation: { onReturn: true } });
    const lease = await pool.acquire();
    expect(lease.resource).toBe('session');
    await lease.release();
    expect(pool.stats.idle).toBe(1);
    await expect(pool.close()).resolves.toMatchObject({ clean: true });
    expect(pool.type).toBe('resource');
  });
});
