import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { BoundedStore } from './bounded-store.js';

afterEach(() => {
  jest.restoreAllMocks();
});

describe('BoundedStore', () => {
  it('keeps values by reference', () => {
    const store = new BoundedStore(1);
    const value = { text: 'hello' };
    store.set('key', value);
    expect(store.get('key')).toBe(value);
    expect(store.get('another')).toBeUndefined();
  });

  it('lets the least recently used leave when there are too many', () => {
    const store = new BoundedStore(3);
    for (const key of ['a', 'b', 'c']) store.set(key, key);
    store.get('a');
    store.set('b', 'b again');
    store.set('d', 'd');
    expect(['a', 'b', 'c', 'd'].map((key) => store.get(key))).toEqual(['a', 'b again', undefined, 'd']);
    expect(store.size).toBe(3);
  });

  it('never holds more than its bound', () => {
    const store = new BoundedStore(10);
    for (let i = 0; i < 1_000; i++) store.set(`key ${i}`, i);
    expect(store.size).toBe(10);
    expect(store.get('key 990')).toBe(990);
  });

  it('replaces a value without a second place', () => {
    const store = new BoundedStore(2);
    store.set('a', 1);
    store.set('a', 2);
    expect(store.get('a')).toBe(2);
    expect(store.size).toBe(1);
  });

  it('forgets what has expired when it is asked for', () => {
    const now = jest.spyOn(Date, 'now').mockReturnValue(1_000);
    const store = new BoundedStore(2);
    store.set('a', 1, 100);
    store.set('b', 2);
    now.mockReturnValue(1_099);
    expect(store.get('a')).toBe(1);
    now.mockReturnValue(1_100);
    expect(store.get('a')).toBeUndefined();
    expect(store.get('b')).toBe(2);
    expect(store.size).toBe(1);
  });

  it('deletes one, and says whether it was there', () => {
    const now = jest.spyOn(Date, 'now').mockReturnValue(1_000);
    const store = new BoundedStore(2);
    store.set('a', 1);
    store.set('b', 1, 100);
    now.mockReturnValue(2_000);
    expect([store.delete('a'), store.delete('a'), store.delete('b')]).toEqual([true, false, false]);
    expect(store.size).toBe(0);
  });

  it('clears all', () => {
    const store = new BoundedStore(2);
    store.set('a', 1);
    store.clear();
    expect(store.size).toBe(0);
    expect(store.get('a')).toBeUndefined();
  });
});
