import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Cache } from 'cache-manager';
import { hear, ourManager, type Peer, type PeerOptions, realManager, stopDate } from './peers.fixture.js';

/** What is asked of cache-manager and of a cache's `manager`; both must answer the same, and say the same. */
type Calls = (peer: Peer<Cache>) => Promise<unknown>;

const counter = (): jest.Mock<() => number> => {
  let count = 0;
  return jest.fn(() => ++count);
};

const SYMBOL = Symbol('a');

const failing = (): never => {
  throw new Error('down');
};

const reasonOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => ({ value }),
    (reason: unknown) => ({ reason }),
  );

/** By member. */
const SAME: Record<string, [string, Calls, PeerOptions?][]> = {
  get: [
    [
      'of what is there, whatever it is',
      async ({ cache }) => {
        const values = [0, '', false, null, 'text', { a: 1 }];
        for (const [index, value] of values.entries()) await cache.set(`${index}`, value);
        return await Promise.all(values.map((_, index) => cache.get(`${index}`)));
      },
    ],
    [
      'of what is not there, or has expired',
      async ({ cache, pass }) => {
        await cache.set('a', 1, 1_000);
        await pass(1_001);
        return [await cache.get('a'), await cache.get('b')];
      },
    ],
  ],
  mget: [
    [
      'of several, some of which are there',
      async ({ cache }) => {
        await cache.set('a', 1);
        return [await cache.mget(['a', 'b', 'a']), await cache.mget([])];
      },
    ],
  ],
  ttl: [
    [
      'with a life, without one, and of nothing',
      async ({ cache }) => {
        await cache.set('a', 1, 5_000);
        await cache.set('b', 1);
        return await Promise.all(['a', 'b', 'c'].map((key) => cache.ttl(key)));
      },
    ],
    [
      'in the course of time',
      async ({ cache, pass }) => {
        await cache.set('a', 1, 5_000);
        await pass(2_000);
        const left = await cache.ttl('a');
        await pass(4_000);
        return [left, await cache.ttl('a')];
      },
    ],
  ],
  set: [
    ['answers with the value', ({ cache }) => cache.set('a', { b: 1 }, 100)],
    [
      'with 0 for ever, whatever the default',
      async ({ cache, pass }) => {
        await cache.set('a', 1, 0);
        await cache.set('b', 1);
        await pass(1_001);
        return [await cache.get('a'), await cache.get('b'), await cache.ttl('a')];
      },
      { ttl: 1_000 },
    ],
    [
      'with null or undefined by the default',
      async ({ cache, pass }) => {
        await cache.set('a', 1, undefined);
        await cache.set('b', 1, null as never);
        const before = await cache.mget(['a', 'b']);
        await pass(1_001);
        return [before, await cache.mget(['a', 'b'])];
      },
      { ttl: 1_000 },
    ],
    [
      'with Infinity for ever',
      async ({ cache, pass }) => {
        await cache.set('a', 1, Infinity);
        await pass(1e12);
        return await cache.get('a');
      },
      { ttl: 1_000 },
    ],
    [
      'replaces, and begins a life anew',
      async ({ cache, pass }) => {
        await cache.set('a', 1, 1_000);
        await pass(900);
        await cache.set('a', 2, 1_000);
        await pass(900);
        return await cache.get('a');
      },
    ],
    ['of a symbol is refused', async ({ cache }) => String(await reasonOf(cache.set('a', SYMBOL)))],
  ],
  mset: [
    [
      'answers with the list, and keeps each for as long as it says',
      async ({ cache, pass }) => {
        const list = await cache.mset([
          { key: 'a', value: 1 },
          { key: 'b', value: 2, ttl: 0 },
          { key: 'c', value: 3, ttl: 5_000 },
        ]);
        await pass(1_001);
        return [list.map(({ key, value }) => [key, value]), await cache.mget(['a', 'b', 'c'])];
      },
      { ttl: 1_000 },
    ],
  ],
  del: [
    [
      'of something and of nothing',
      async ({ cache }) => {
        await cache.set('a', 1);
        return [await cache.del('a'), await cache.del('b'), await cache.get('a')];
      },
    ],
  ],
  mdel: [
    [
      'of several',
      async ({ cache }) => {
        await cache.set('a', 1);
        return [await cache.mdel(['a', 'b']), await cache.get('a')];
      },
    ],
  ],
  clear: [
    [
      'of all',
      async ({ cache }) => {
        await cache.set('a', 1);
        return [await cache.clear(), await cache.get('a')];
      },
    ],
  ],
  wrap: [
    [
      'loads once, and keeps what it got',
      async ({ cache }) => {
        const load = counter();
        const answers = [await cache.wrap('a', load), await cache.wrap('a', load), await cache.get('a')];
        return [answers, load.mock.calls];
      },
    ],
    [
      'loads once for all who ask at a time',
      async ({ cache }) => {
        const load = counter();
        return [await Promise.all([1, 2, 3].map(() => cache.wrap('a', load))), load.mock.calls.length];
      },
    ],
    [
      'keeps null, 0 and the empty text',
      async ({ cache }) => {
        const load = jest.fn();
        for (const [index, value] of [null, 0, ''].entries()) await cache.set(`${index}`, value);
        return [
          await Promise.all(['0', '1', '2'].map((key) => cache.wrap(key, load as never))),
          load.mock.calls,
        ];
      },
    ],
    [
      'fails as its load does',
      async ({ cache }) => [
        await reasonOf(cache.wrap('a', failing)),
        await reasonOf(cache.wrap('a', () => Promise.reject(new Error('later')))),
        await cache.wrap('a', () => 1),
      ],
    ],
    [
      'for as long as it says: a number, 0, a function, a function that says nothing',
      async ({ cache, pass }) => {
        const load = counter();
        const ask = async () => [
          await cache.wrap('by default', load),
          await cache.wrap('number', load, 3_000),
          await cache.wrap('for ever', load, 0),
          await cache.wrap('function', load, (value) => value * 1_000),
          await cache.wrap('no answer', load, (() => undefined) as never),
          await cache.wrap('options', load, { ttl: 3_000 }),
          await cache.wrap('function in options', load, { ttl: () => 3_000 }),
          await cache.wrap('no options', load, null as never),
        ];
        const answers = [await ask()];
        for (const ms of [1_001, 1_001, 1_001]) {
          await pass(ms);
          answers.push(await ask());
        }
        return answers;
      },
      { ttl: 1_000 },
    ],
    [
      'raw, with the end of its life',
      async ({ cache, pass }) => {
        const first = await cache.wrap('a', () => 1, { ttl: 5_000, raw: true });
        await pass(1_000);
        return [first, await cache.wrap('a', () => 2, { raw: true })];
      },
    ],
    [
      'refreshes below the threshold, once for all',
      async ({ cache, pass }) => {
        const load = counter();
        const wrap = () => cache.wrap('a', load, 1_000, 300);
        const answers = [await wrap()];
        await pass(600);
        answers.push(await wrap());
        await pass(200);
        answers.push(await wrap());
        await pass(0);
        answers.push(await wrap());
        return [answers, load.mock.calls.length, await cache.ttl('a')];
      },
    ],
    [
      'refreshes below a threshold that depends on the value, or is in the options',
      async ({ cache, pass }) => {
        const load = counter();
        const threshold = jest.fn((value: number) => value * 300);
        const ask = async () => [
          await cache.wrap('a', load, 1_000, threshold),
          await cache.wrap('b', load, { ttl: 1_000, refreshThreshold: threshold }),
          await cache.wrap('c', load, { ttl: 1_000, refreshThreshold: 500 }),
          await cache.wrap('d', load, { ttl: 1_000, refreshThreshold: 0 }),
          await cache.wrap('e', load, 1_000),
        ];
        const answers = [await ask()];
        await pass(800);
        answers.push(await ask());
        await pass(0);
        answers.push(await ask());
        return answers;
      },
      { refreshThreshold: 250 },
    ],
    [
      'refreshes by the threshold of the cache',
      async ({ cache, pass }) => {
        const load = counter();
        const answers = [await cache.wrap('a', load, 1_000)];
        await pass(800);
        answers.push(await cache.wrap('a', load, 1_000));
        await pass(0);
        answers.push(await cache.wrap('a', load, 1_000));
        return answers;
      },
      { refreshThreshold: 300 },
    ],
    [
      'keeps what it has when a refresh fails',
      async ({ cache, pass }) => {
        await cache.set('a', 1, 1_000);
        await pass(900);
        const answers = [await cache.wrap('a', failing, 1_000, 500)];
        await pass(0);
        answers.push(await cache.wrap('a', () => Promise.reject(new Error('later')), 1_000, 500));
        await pass(0);
        return [answers, await cache.get('a')];
      },
    ],
    [
      'gives its load no arguments',
      async ({ cache }) => {
        const load = jest.fn((...args: unknown[]) => args.length);
        return await cache.wrap('a', load as () => number);
      },
    ],
  ],
  on: [
    [
      'is told what is set by any member, and what is refreshed',
      async ({ cache, pass }) => {
        await cache.set('a', 1);
        await cache.mset([{ key: 'b', value: 2 }]);
        await cache.wrap('c', () => 3);
        await cache.wrap('d', () => 4, 1_000);
        await pass(900);
        await cache.wrap('d', () => 5, 1_000, 500);
        await pass(0);
        return undefined;
      },
    ],
    [
      'is told of a listener’s end',
      async ({ cache }) => {
        const heard = jest.fn();
        const emitters = [cache.on('set', heard), cache.off('set', heard)];
        await cache.set('a', 1);
        return [heard.mock.calls, emitters[0] === emitters[1]];
      },
    ],
  ],
  cacheId: [['is a text', async ({ cache }) => typeof cache.cacheId()]],
  disconnect: [
    [
      'leaves what is in memory',
      async ({ cache }) => {
        await cache.set('a', 1);
        return [await cache.disconnect(), await cache.get('a')];
      },
    ],
  ],
  stores: [
    [
      'are one Keyv, with the same entries',
      async ({ cache }) => {
        await cache.set('a', 1);
        const [first, ...rest] = cache.stores;
        return [await first?.get('a'), rest];
      },
    ],
  ],
};

afterEach(() => void jest.restoreAllMocks());

const MEMBERS = Object.keys(realManager().cache);

describe.each(MEMBERS)('%s of a cache’s manager', (member) => {
  it.each(
    (SAME[member] ?? SAME['on'] ?? []).map(([calls, run, options = {}]) => [calls, run, options] as const),
  )('answers and tells as cache-manager does: %s', async (_, calls, options) => {
    const answers: unknown[] = [];
    for (const peer of [realManager(options), ourManager(options)]) {
      stopDate();
      const heard = hear(peer.cache);
      answers.push({ answer: await calls(peer), heard });
    }
    expect(answers[1]).toEqual(answers[0]);
  });
});

it('is all of cache-manager’s members, and no more', () => {
  expect(Object.keys(ourManager().cache).toSorted()).toEqual(MEMBERS.toSorted());
});
