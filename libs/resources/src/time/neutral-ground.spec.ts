import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from '@jest/globals';
import { NeutralGround } from './neutral-ground.js';

const request = new AsyncLocalStorage<string>();

describe('neutral ground', () => {
  it('hides the context of whoever runs something there, and hands back what it returns or throws', () => {
    const ground = new NeutralGround();
    request.run('a request', () => {
      expect(ground.run(() => [request.getStore()])).toEqual([undefined]);
      expect(() =>
        ground.run(() => {
          throw new Error('thrown there');
        }),
      ).toThrow('thrown there');
      expect(request.getStore()).toBe('a request');
    });
  });

  it('hides it after awaits, too, and leaves it to who awaits the result', async () => {
    const ground = new NeutralGround();
    await request.run('a request', async () => {
      const seen = await ground.run(async () => {
        await Promise.resolve();
        await new Promise((resolve) => setImmediate(resolve));
        return request.getStore();
      });
      expect(seen).toBeUndefined();
      expect(request.getStore()).toBe('a request');
    });
  });

  it('hides it in timers, events and thenables that begin there', async () => {
    const ground = new NeutralGround();
    const seen: unknown[] = [];
    const see = (): void => void seen.push(request.getStore());
    await request.run('a request', () =>
      ground.run(async () => {
        setTimeout(see, 1);
        process.nextTick(see);
        queueMicrotask(see);
        const signal = AbortSignal.timeout(2);
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        // A thenable is what is tried here.
        // oxlint-disable-next-line unicorn/no-thenable
        await { then: (resolve: () => void) => (see(), resolve()) };
      }),
    );
    expect(seen).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('has what each storage held where the ground was made', () => {
    const ground = request.run('the start', () => new NeutralGround());
    request.run('a request', () => expect(ground.run(() => request.getStore())).toBe('the start'));
  });

  it('is neutral for a storage that is made later', () => {
    const ground = new NeutralGround();
    const late = new AsyncLocalStorage<string>();
    late.run('a request', () => expect(ground.run(() => late.getStore())).toBeUndefined());
  });

  it('is neutral within a context that something on it has opened', () => {
    const ground = new NeutralGround();
    const inner = ground.run(() => request.run('a load', () => ground.run(() => request.getStore())));
    expect(inner).toBeUndefined();
  });

  it('stays as it was when something on it enters a context for good', async () => {
    const ground = new NeutralGround();
    ground.run(() => request.enterWith('a careless hook'));
    expect(ground.run(() => request.getStore())).toBeUndefined();
    await ground.run(async () => {
      await Promise.resolve();
      request.enterWith('another');
    });
    expect(ground.run(() => request.getStore())).toBeUndefined();
    expect(request.getStore()).toBeUndefined();
  });
});
