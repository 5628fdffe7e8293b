import { describe, expect, it } from '@jest/globals';
import { WORK_OVER, workOverOf } from '../../hooks/work-over.js';
import { JobItems } from './job-items.js';

class Host {
  granted: number[] = [];
  stopped = 0;
  held = false;
  readonly over = Promise.resolve();

  read(count: number): void {
    this.granted.push(count);
  }

  hold(): void {
    this.held = true;
  }

  letGo(): void {
    this.held = false;
  }

  async readEnough(): Promise<void> {
    this.stopped++;
  }
}

describe("a job's items", () => {
  it('are read in the order in which they arrive, waited for or not', async () => {
    const items = new JobItems(new Host(), 4);
    items.add(1);
    const read = [items.next(), items.next(), items.next()];
    items.add(2);
    items.add(3);
    expect(await Promise.all(read)).toEqual([1, 2, 3].map((value) => ({ done: false, value })));
  });

  it('are granted anew when half of them were read', async () => {
    const host = new Host();
    const items = new JobItems(host, 4);
    for (let item = 0; item < 4; item++) items.add(item);
    for (let item = 0; item < 4; item++) await items.next();
    expect(host.granted).toEqual([2, 2]);
  });

  it('of which one may be on its way are granted one by one', async () => {
    const host = new Host();
    const items = new JobItems(host, 1);
    items.add(1);
    await items.next();
    expect(host.granted).toEqual([1]);
  });

  it('that have arrived are read before the end is told, or what was thrown, once', async () => {
    const items = new JobItems(new Host(), 4);
    items.add(1);
    items.close({ error: 'text' });
    expect(await items.next()).toEqual({ done: false, value: 1 });
    await expect(items.next()).rejects.toBe('text');
    expect(await items.next()).toEqual({ done: true, value: undefined });
  });

  it('tell all who wait of the end', async () => {
    const items = new JobItems(new Host(), 4);
    const read = [items.next(), items.next()];
    items.close({});
    expect(await Promise.all(read)).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
  });

  it('that have arrived are not read when the job was ended', async () => {
    const items = new JobItems(new Host(), 4);
    items.add(1);
    items.fail(new Error('ended'));
    await expect(items.next()).rejects.toThrow('ended');
  });

  it('take nothing more after the end, and no second end', async () => {
    const items = new JobItems(new Host(), 4);
    items.close({});
    items.close({ error: 'late' });
    items.fail('later');
    items.add(1);
    expect(await items.next()).toEqual({ done: true, value: undefined });
  });

  it.each([
    [
      'by leaving a loop',
      async (items: JobItems) => {
        for await (const _ of items) break;
      },
    ],
    ['by disposing of them', (items: JobItems) => items[Symbol.asyncDispose]()],
    ['by return()', (items: JobItems) => items.return()],
  ])('end the job %s', async (_, leave) => {
    const host = new Host();
    const items = new JobItems(host, 4);
    items.add(1);
    items.add(2);
    await leave(items);
    expect(host.stopped).toBe(1);
    expect(items.buffered).toBe(0);
    expect(await items.next()).toEqual({ done: true, value: undefined });
  });

  it('say when the work behind them is over', () => {
    const host = new Host();
    const items = new JobItems(host, 4);
    expect(items[WORK_OVER]).toBe(host.over);
    expect(workOverOf(items)).toBe(host.over);
    expect([undefined, null, 1, {}, []].map((other) => workOverOf(other))).toEqual(Array(5).fill(undefined));
  });

  it('keep the process while somebody waits for one, and no longer', async () => {
    const host = new Host();
    const items = new JobItems(host, 4);
    expect(host.held).toBe(false);
    const read = [items.next(), items.next()];
    items.add(1);
    expect(host.held).toBe(true);
    items.add(2);
    expect(host.held).toBe(false);
    read.push(items.next());
    expect(host.held).toBe(true);
    items.close({});
    expect(host.held).toBe(false);
    await Promise.all(read);
  });

  it('keep their order however many there are', async () => {
    const items = new JobItems(new Host(), Infinity);
    for (let item = 0; item < 5_000; item++) items.add(item);
    const read: unknown[] = [];
    for (let item = 0; item < 4_000; item++) read.push((await items.next()).value);
    expect(items.buffered).toBe(1_000);
    items.add(5_000);
    items.close({});
    for await (const item of items) read.push(item);
    expect(read).toEqual(Array.from({ length: 5_001 }, (_, item) => item));
  });

  it('end with what whoever leaves them returns', async () => {
    const items = new JobItems(new Host(), 4);
    items.add(1);
    const delegating = (async function* (): AsyncGenerator<unknown, unknown> {
      return yield* items;
    })();
    await delegating.next();
    expect(await delegating.return('mine')).toEqual({ done: true, value: 'mine' });
  });
});
