import { describe, expect, it } from '@jest/globals';
import { Keyv } from 'keyv';
import { ResourceCache } from 'nestjs-resources/cache';

/* Each difference to Keyv that docs/guide/migration.md tells of. */
describe('from Keyv', () => {
  it('values are kept by reference, and nothing is copied or serialised', async () => {
    const value = { at: new Date(0) };
    const theirs = new Keyv();
    await theirs.set('a', value);
    expect(await theirs.get('a')).not.toBe(value);
    const ours = new ResourceCache();
    await ours.put('a', value);
    expect(await ours.get('a')).toBe(value);
  });

  it('keys are as they are given', async () => {
    const store = new Map<string, unknown>();
    await new Keyv({ store, namespace: 'shop' }).set('a', 1);
    expect([...store.keys()]).toEqual(['shop:a']);
    const ours = new ResourceCache();
    await ours.put('a', 1);
    expect([...ours.keys()]).toEqual(['a']);
  });

  it('a store that fails never fails a read or a write', async () => {
    const down = (): Promise<never> => Promise.reject(new Error('down'));
    const store = Object.assign(new Map(), { get: down, set: down });
    const theirs = new Keyv({ store, throwOnErrors: true });
    await expect(theirs.set('a', 1)).rejects.toThrow('down');
    const ours = new ResourceCache({ stores: [theirs] });
    await ours.put('a', 1);
    expect(await ours.get('a')).toBe(1);
  });

  it('what is in memory is listed, and nothing else', async () => {
    const theirs = new Keyv();
    await theirs.set('a', 1);
    const listed: string[] = [];
    for await (const [key] of theirs.iterator?.('') ?? []) listed.push(String(key));
    const ours = new ResourceCache({ stores: [theirs] });
    await ours.put('b', 2);
    expect([listed, [...ours.keys()]]).toEqual([['a'], ['b']]);
  });
});
