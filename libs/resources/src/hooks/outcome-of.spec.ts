/* oxlint-disable unicorn/no-thenable -- thenables that are no promises are what is tested */
import { describe, expect, it } from '@jest/globals';
import { outcomeOf } from './outcome-of.js';
import { settle } from '../time/virtual-clock.fixture.js';

type Call = ['resolved' | 'rejected', unknown];

async function callsFor(value: unknown): Promise<Call[]> {
  const calls: Call[] = [];
  outcomeOf(value, {
    resolved: (result) => void calls.push(['resolved', result]),
    rejected: (reason) => void calls.push(['rejected', reason]),
  });
  expect(calls).toEqual([]);
  await settle();
  return calls;
}

const error = new Error('no');
const fail = (): never => {
  throw error;
};
type Resolve = (value: unknown) => void;

describe('the outcome of what a function has returned', () => {
  it.each<[string, unknown, Call[]]>([
    ['a value', 1, [['resolved', 1]]],
    ['nothing', undefined, [['resolved', undefined]]],
    ['a promise', Promise.resolve(1), [['resolved', 1]]],
    ['a promise that rejects', Promise.reject(error), [['rejected', error]]],
    ['a thenable', { then: (done: Resolve) => done(1) }, [['resolved', 1]]],
    [
      'a function with a then',
      Object.assign(() => 1, { then: (done: Resolve) => done(2) }),
      [['resolved', 2]],
    ],
    ['a thenable that rejects', { then: (_: Resolve, no: Resolve) => no(error) }, [['rejected', error]]],
    ['a thenable of a promise', { then: (done: Resolve) => done(Promise.resolve(1)) }, [['resolved', 1]]],
    ['a thenable that throws', { then: fail }, [['rejected', error]]],
    [
      'a thenable that resolves, and then throws',
      {
        then: (done: Resolve) => {
          done(1);
          fail();
        },
      },
      [['resolved', 1]],
    ],
    [
      'a thenable that resolves twice, and rejects',
      {
        then: (done: Resolve, no: Resolve) => {
          done(1);
          done(2);
          no(error);
        },
      },
      [['resolved', 1]],
    ],
    ['a thenable that never settles', { then: () => undefined }, []],
    [
      'an object whose then throws when it is read',
      Object.defineProperty({}, 'then', { get: fail }),
      [['rejected', error]],
    ],
    [
      'a promise whose constructor throws when it is read',
      Object.defineProperty(Promise.resolve(1), 'constructor', { get: fail }),
      [['rejected', error]],
    ],
  ])('is told once and not at once: of %s', async (_, value, calls) => {
    expect(await callsFor(value)).toEqual(calls);
  });

  it('is a failure when a thenable resolves to itself', async () => {
    const endless = { then: (done: Resolve): void => done(endless) };
    expect(await callsFor(endless)).toEqual([['rejected', expect.any(TypeError)]]);
  });

  it('waits for a promise that begins only when it is asked', async () => {
    class Lazy extends Promise<unknown> {
      static override get [Symbol.species](): PromiseConstructor {
        return Promise;
      }
      override then<A, B>(
        done?: ((value: unknown) => A | PromiseLike<A>) | null,
        no?: ((reason: unknown) => B | PromiseLike<B>) | null,
      ): Promise<A | B> {
        return Promise.resolve('begun').then(done, no);
      }
    }
    expect(await callsFor(new Lazy(() => undefined))).toEqual([['resolved', 'begun']]);
  });
});
