import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { settle, VirtualClock } from '../../time/virtual-clock.fixture.js';
import type { LoadedThread } from '../loaded-thread.js';
import { type DueProcessor, Turnover } from './turnover.js';

/** One that closes until it is told that it has, or ended at once. */
class ClosingThread {
  readonly ending = false;
  isClosing = false;
  closed!: () => void;
  private readonly end = new Promise<void>((resolve) => (this.closed = resolve));

  retire(signal: AbortSignal): Promise<void> {
    this.isClosing = true;
    signal.addEventListener('abort', this.closed);
    return this.end;
  }
}

const busy = (): DueProcessor => ({ take: () => undefined });

describe('a thread that nobody needs any more', () => {
  let threads: ClosingThread[];
  let load: (() => void) | undefined;
  let turnover: Turnover;
  let end: AbortController;

  beforeEach(() => {
    threads = [];
    load = undefined;
    end = new AbortController();
    const host = {
      type: 'pdf',
      clock: new VirtualClock(),
      load: () =>
        new Promise<LoadedThread>((resolve) => {
          load = () => {
            load = undefined;
            const thread = new ClosingThread();
            threads.push(thread);
            resolve(thread as unknown as LoadedThread); // all that is asked of it
          };
        }),
    };
    turnover = new Turnover(host, 1_000, Infinity);
  });

  afterEach(() => {
    for (const thread of threads) thread.closed();
  });

  /** Whether a processor that ends still waits. */
  async function waits(leaving: Promise<void>): Promise<boolean> {
    let isOver = false;
    void leaving.then(() => (isOver = true));
    await settle();
    return !isOver;
  }

  it.each([
    ['waited', () => load?.()],
    ['was made', () => undefined],
  ])('as it %s when it was given up, is waited for by the processor that ends later', async (_, before) => {
    const processor = busy();
    turnover.want(processor);
    before();
    await settle();
    void turnover.leave(processor); // its heap has shrunk again
    load?.();
    await settle();
    const leaving = turnover.leave(processor, end.signal);
    expect(await waits(leaving)).toBe(true);
    expect(threads.map(({ isClosing }) => isClosing)).toEqual([true]);
    end.abort();
    await leaving;
  });

  it('is not the one that another processor had before', async () => {
    let gone!: () => void;
    const [other, processor] = [
      { take: (): Promise<void> => new Promise((resolve) => (gone = resolve)) },
      busy(),
    ];
    turnover.want(other);
    load?.();
    await settle();
    turnover.want(processor);
    expect(await waits(turnover.leave(processor, end.signal))).toBe(false);
    gone();
  });
});
