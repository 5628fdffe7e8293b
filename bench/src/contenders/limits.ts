import type { ContenderEntry } from './contender.js';

/**
 * An array stack that returns a resolved promise: nothing with an asynchronous surface can be faster. It cannot wait: who
 * finds it empty gets nothing, at the same price.
 */
export const arrayStack: ContenderEntry = {
  name: 'limit: array stack',
  limit: true,
  open: ({ max }) => {
    const stack: unknown[] = Array.from({ length: max }, () => ({}));
    return {
      acquire: () => Promise.resolve(stack.pop()),
      release: (held) => held !== undefined && stack.push(held),
      tryAcquire: () => stack.pop(),
      close: () => Promise.resolve(),
    };
  },
};

/** The same with a growable ring of waiters: the least that a queue costs. */
export const ringQueue: ContenderEntry = {
  name: 'limit: ring queue',
  limit: true,
  open: ({ max }) => {
    const stack: unknown[] = Array.from({ length: max }, () => ({}));
    let ring: (((held: unknown) => void) | undefined)[] = Array.from({ length: 1024 });
    let head = 0;
    let size = 0;
    const grow = (): void => {
      const bigger: typeof ring = Array.from({ length: ring.length * 2 });
      for (let i = 0; i < size; i++) bigger[i] = ring[(head + i) & (ring.length - 1)];
      ring = bigger;
      head = 0;
    };
    return {
      acquire: () => {
        const held = stack.pop();
        if (held !== undefined) return Promise.resolve(held);
        return new Promise((resolve) => {
          if (size === ring.length) grow();
          ring[(head + size++) & (ring.length - 1)] = resolve;
        });
      },
      release: (held) => {
        if (size === 0) return stack.push(held);
        const waiter = ring[head];
        ring[head] = undefined;
        head = (head + 1) & (ring.length - 1);
        size--;
        return waiter?.(held);
      },
      close: () => Promise.resolve(),
    };
  },
};
