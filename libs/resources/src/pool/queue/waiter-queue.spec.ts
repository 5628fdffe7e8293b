import { describe, expect, it } from '@jest/globals';
import { DeadlineWheel } from '../../time/deadline-wheel.js';
import { TurnTime } from '../../time/turn-time.js';
import { VirtualClock } from '../../time/virtual-clock.fixture.js';
import { readPoolOptions } from '../pool-options.js';
import { WaiterQueue } from './waiter-queue.js';
import { Waiter } from './waiter.js';

describe('WaiterQueue', () => {
  const host = { waiterExpired: () => undefined, waiterAborted: () => undefined };
  const waiter = (owner: string): Waiter<number> =>
    new Waiter(
      host,
      { owner, tenant: owner, priority: 0 },
      undefined,
      Infinity,
      undefined,
      () => undefined,
      () => undefined,
    );

  function filled(...owners: string[]): { queue: WaiterQueue<number>; pending: Waiter<number>[] } {
    const clock = new VirtualClock();
    const settings = readPoolOptions({}, '', 'thing', false);
    const queue = new WaiterQueue<number>(
      new DeadlineWheel(clock),
      new TurnTime(clock),
      settings,
      () => undefined,
    );
    const pending = owners.map((owner) => waiter(owner));
    for (const each of pending) queue.add(each);
    return { queue, pending };
  }

  function drained(queue: WaiterQueue<number>): string[] {
    const owners: string[] = [];
    for (let next = queue.take(); next !== undefined; next = queue.take()) owners.push(next.owner);
    return owners;
  }

  it('serves in the order of arrival', () => {
    const { queue } = filled('a', 'b', 'c');
    expect(queue.size).toBe(3);
    expect(drained(queue)).toEqual(['a', 'b', 'c']);
    expect(queue.size).toBe(0);
    expect(queue.take()).toBeUndefined();
  });

  it.each([
    [0, ['b', 'c', 'd']],
    [1, ['a', 'c', 'd']],
    [3, ['a', 'b', 'c']],
  ])('closes the gap when number %d leaves', (index, left) => {
    const { queue, pending } = filled('a', 'b', 'c');
    const last = waiter('d');
    if (index !== 3) queue.remove(pending[index]);
    queue.add(last);
    if (index === 3) queue.remove(last);
    expect(queue.size).toBe(3);
    expect(drained(queue)).toEqual(left);
  });

  it('can be filled again after the only one left', () => {
    const { queue, pending } = filled('a');
    queue.remove(pending[0]);
    queue.add(waiter('b'));
    expect(drained(queue)).toEqual(['b']);
  });
});
