import { describe, expect, it, jest } from '@jest/globals';
import { settle, VirtualClock } from '../../time/virtual-clock.fixture.js';
import { LeavingThreads, type LeavingThread } from './leaving-threads.js';

/** One that ends when it is ended at once, and hears so. */
function hanging(heard: unknown[] = []): LeavingThread {
  return {
    retire: (signal) =>
      new Promise((resolve) =>
        signal.addEventListener('abort', () => {
          heard.push(signal.reason);
          resolve();
        }),
      ),
  };
}

describe('threads that were replaced', () => {
  it('are ended when their time is up, of which the process is warned', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const clock = new VirtualClock();
    const threads = new LeavingThreads(clock, 1_000);
    const heard: unknown[] = [];
    void threads.add(hanging(heard));
    await clock.advance(999);
    expect(heard).toEqual([]);
    await clock.advance(1);
    expect(heard).toMatchObject([{ name: 'TimeLimitError', limit: 1_000 }]);
    expect(warned.mock.calls).toMatchObject([[{ name: 'TimeLimitError' }]]);
    warned.mockRestore();
  });

  it('are ended with what waits for them', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const threads = new LeavingThreads(new VirtualClock(), Infinity);
    void threads.add(hanging());
    const end = new AbortController();
    let isOver = false;
    const over = threads.over(end.signal).then(() => (isOver = true));
    await settle();
    expect(isOver).toBe(false);
    end.abort(new Error('its time is up'));
    await over;
    void threads.add(hanging());
    await threads.over(end.signal);
    expect(warned).not.toHaveBeenCalled(); // whoever has ended them knows it
    warned.mockRestore();
  });

  it('leave nothing behind when they have ended by themselves', async () => {
    const clock = new VirtualClock();
    const threads = new LeavingThreads(clock, 1_000);
    void threads.add({ retire: () => Promise.resolve() });
    await threads.over(new AbortController().signal);
    expect(clock.running).toBe(0);
  });
});
