import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Keyv } from 'keyv';
import { ourKeyv, type Peer, type PeerOptions, realKeyv, stopDate } from './peers.fixture.js';

/** What is asked of a Keyv 5 and of a cache's `keyv`; both must answer the same. */
type Calls = (keyv: Keyv, pass: (ms: number) => Promise<void>) => Promise<unknown>;

const SHORT: PeerOptions = { ttl: 1_000 };

const SAME: [string, Calls, PeerOptions?][] = [
  [
    'get',
    async (keyv, pass) => {
      await keyv.set('a', null, 1_000);
      await keyv.set('b', [1]);
      const answers = [await keyv.get('a'), await keyv.get('c'), await keyv.get(['a', 'b', 'c'])];
      await pass(1_001);
      return [answers, await keyv.get('a')];
    },
  ],
  [
    'get, raw',
    async (keyv) => {
      await keyv.set('a', 1, 1_000);
      await keyv.set('b', 2);
      return [await keyv.get('a', { raw: true }), await keyv.get(['a', 'b', 'c'], { raw: true })];
    },
  ],
  [
    'getMany, getRaw and getManyRaw',
    async (keyv) => {
      await keyv.setMany([
        { key: 'a', value: 1 },
        { key: 'b', value: 2, ttl: 1_000 },
      ]);
      return [
        await keyv.getMany(['a', 'b', 'c']),
        await keyv.getRaw('b'),
        await keyv.getRaw('c'),
        await keyv.getManyRaw(['a', 'b', 'c']),
        await keyv.getMany([]),
      ];
    },
  ],
  [
    'set and setMany, by the default and with 0',
    async (keyv, pass) => {
      const answers = [
        await keyv.set('a', 1),
        await keyv.set('b', 1, 0),
        await keyv.setMany([
          { key: 'c', value: 1 },
          { key: 'd', value: 1, ttl: 0 },
          { key: 'e', value: 1, ttl: 5_000 },
        ]),
      ];
      await pass(1_001);
      return [answers, await keyv.getMany(['a', 'b', 'c', 'd', 'e'])];
    },
    SHORT,
  ],
  [
    'ttl',
    async (keyv, pass) => {
      const before = keyv.ttl;
      keyv.ttl = 5_000;
      await keyv.set('a', 1);
      await pass(1_001);
      return [before, keyv.ttl, await keyv.get('a')];
    },
    SHORT,
  ],
  [
    'delete and deleteMany',
    async (keyv) => {
      await keyv.setMany(['a', 'b', 'c', 'd'].map((key) => ({ key, value: 1 })));
      return [
        await keyv.delete('a'),
        await keyv.delete('a'),
        await keyv.delete(['b']),
        await keyv.deleteMany(['c', 'e']),
        await keyv.getMany(['a', 'b', 'c', 'd']),
      ];
    },
  ],
  [
    'has and hasMany',
    async (keyv, pass) => {
      await keyv.set('a', null);
      await keyv.set('b', 1, 1_000);
      const before = [await keyv.has('a'), await keyv.has(['a', 'b', 'c']), await keyv.hasMany(['b'])];
      await pass(1_001);
      return [before, await keyv.hasMany(['a', 'b', 'c'])];
    },
  ],
  [
    'iterator',
    async (keyv, pass) => {
      await keyv.setMany([
        { key: 'a', value: 1 },
        { key: 'b', value: 2, ttl: 1_000 },
      ]);
      const all = async (): Promise<unknown[]> => {
        const entries: unknown[] = [];
        for await (const entry of keyv.iterator?.(undefined) ?? []) entries.push(entry);
        return entries;
      };
      const before = await all();
      await pass(1_001);
      return [before, await all()];
    },
  ],
  [
    'clear and disconnect, with their events',
    async (keyv) => {
      const heard: string[] = [];
      for (const event of ['clear', 'disconnect', 'error']) keyv.on(event, () => heard.push(event));
      await keyv.set('a', 1);
      await keyv.clear();
      await keyv.set('b', 1);
      await keyv.disconnect();
      return [heard, await keyv.getMany(['a', 'b'])];
    },
  ],
  [
    'once, off and removeAllListeners',
    async (keyv) => {
      const heard = jest.fn();
      keyv.once('clear', heard);
      for (let turn = 0; turn < 2; turn++) await keyv.clear();
      keyv.on('clear', heard);
      keyv.off('clear', heard);
      keyv.on('clear', heard);
      keyv.removeAllListeners();
      await keyv.clear();
      return heard.mock.calls;
    },
  ],
  [
    'hooks',
    async (keyv) => {
      const heard: unknown[] = [];
      for (const name of [
        'preSet',
        'preGet',
        'postGet',
        'preDelete',
        'postDelete',
        'preGetMany',
        'postGetMany',
      ])
        keyv.hooks.addHandler(name, (data) => heard.push([name, data]));
      await keyv.set('a', 1);
      await keyv.get('a');
      await keyv.getMany(['a', 'b']);
      await keyv.delete('a');
      await keyv.get('a');
      return heard;
    },
  ],
  [
    'hooks that change what is set',
    async (keyv) => {
      keyv.hooks.addHandler('preSet', (data: { value: unknown }) => void (data.value = 'changed'));
      await keyv.set('a', 1);
      return await keyv.get('a');
    },
  ],
  [
    'stats',
    async (keyv) => {
      keyv.stats.enabled = true;
      await keyv.set('a', 1);
      await keyv.get('a');
      await keyv.get('b');
      await keyv.getManyRaw(['a', 'b']);
      await keyv.delete('a');
      const { hits, misses, sets, deletes, errors } = keyv.stats;
      return { hits, misses, sets, deletes, errors };
    },
  ],
  [
    'namespace, store, compression, serialize and throwOnErrors, read',
    async (keyv) => [
      keyv.namespace,
      typeof keyv.store,
      keyv.compression,
      keyv.serialize,
      keyv.deserialize,
      keyv.useKeyPrefix,
      typeof keyv.throwOnErrors,
      keyv.opts.namespace,
    ],
  ],
];

afterEach(() => void jest.restoreAllMocks());

describe('the Keyv of a cache', () => {
  it.each(SAME.map(([member, calls, options = {}]) => [member, calls, options] as const))(
    'answers as Keyv does: %s',
    async (_, calls, options) => {
      const answers: unknown[] = [];
      for (const make of [realKeyv, ourKeyv] as ((options: PeerOptions) => Peer<Keyv>)[]) {
        stopDate();
        const peer = make(options);
        answers.push(await calls(peer.cache, (ms) => peer.pass(ms)));
      }
      expect(answers[1]).toEqual(answers[0]);
    },
  );

  it.each(['store', 'namespace', 'useKeyPrefix', 'serialize', 'deserialize', 'compression'] as const)(
    'refuses another %s, which would cut it off from the cache',
    async (name) => {
      const { cache: keyv } = ourKeyv();
      const change = (value: unknown) => () => Reflect.set(keyv, name, value);
      expect(change(name === 'useKeyPrefix' ? true : {})).toThrow(`"keyv.${name}" can't be changed`);
      expect(change(keyv[name])).not.toThrow();
      await keyv.set('a', 1);
      expect(await keyv.get('a')).toBe(1);
    },
  );
});
