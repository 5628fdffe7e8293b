import { describe, expect, it } from '@jest/globals';
import { FairOrder } from './fair-order.js';
import { FifoOrder } from './fifo-order.js';
import { LifoOrder } from './lifo-order.js';
import { PriorityOrder } from './priority-order.js';
import type { QueueEntry, QueueOrder } from './queue-order.js';

interface Caller extends QueueEntry<Caller> {
  readonly name: string;
}

/** @param name such as `a3`: the third of tenant `a` */
function caller(name: string, { priority = 0, queuedAt = 0 } = {}): Caller {
  return { name, tenant: name[0], priority, queuedAt, previous: undefined, next: undefined };
}

function fill<O extends QueueOrder<Caller>>(order: O, ...callers: Caller[]): O {
  for (const each of callers) order.add(each);
  return order;
}

function drain(order: QueueOrder<Caller>, now = 0): string {
  const names: string[] = [];
  for (let next = order.take(now); next !== undefined; next = order.take(now)) names.push(next.name);
  return names.join(' ');
}

const ORDERS: [string, () => QueueOrder<Caller>][] = [
  ['FifoOrder', () => new FifoOrder()],
  ['LifoOrder', () => new LifoOrder()],
  ['PriorityOrder', () => new PriorityOrder(1_000)],
  ['FairOrder', () => new FairOrder()],
];

describe.each(ORDERS)('%s', (_, create) => {
  const some = (): Caller[] => ['a1', 'b1', 'a2', 'c1', 'a3'].map((name) => caller(name));

  it('takes out each entry once', () => {
    const order = fill(create(), ...some());
    expect(order.size).toBe(5);
    expect(drain(order).split(' ').toSorted()).toEqual(['a1', 'a2', 'a3', 'b1', 'c1']);
    expect([order.size, order.take(0)]).toEqual([0, undefined]);
  });

  it.each([0, 1, 2, 3, 4])('closes the gap when entry %d leaves', (index) => {
    const callers = some();
    const order = fill(create(), ...callers);
    order.remove(callers[index]);
    expect(order.size).toBe(4);
    const left = callers.filter((each) => each !== callers[index]).map(({ name }) => name);
    expect(drain(order).split(' ').toSorted()).toEqual(left.toSorted());
  });

  it('knows who has been waiting longest', () => {
    const order = fill(create(), ...some().map((each, index) => ({ ...each, queuedAt: index })));
    expect(order.oldest?.name).toBe('a1');
    order.remove(order.oldest as Caller); // seen one line before
    expect(order.oldest?.name).toBe('b1');
    drain(order);
    expect(order.oldest).toBeUndefined();
  });

  it('can be filled again after it was empty', () => {
    const order = fill(create(), caller('a1'));
    drain(order);
    expect(
      drain(fill(order, caller('a2'), caller('b1')))
        .split(' ')
        .toSorted(),
    ).toEqual(['a2', 'b1']);
  });

  it('visits all, even when each that is visited leaves', () => {
    const order = fill(create(), ...some());
    const seen: string[] = [];
    order.forEach((each) => {
      seen.push(each.name);
      order.remove(each);
    });
    expect(seen.toSorted()).toEqual(['a1', 'a2', 'a3', 'b1', 'c1']);
    expect(order.size).toBe(0);
  });
});

describe('FifoOrder', () => {
  it('serves in the order of arrival', () => {
    expect(drain(fill(new FifoOrder<Caller>(), caller('a1'), caller('b1'), caller('c1')))).toBe('a1 b1 c1');
  });
});

describe('LifoOrder', () => {
  it('serves the newest first', () => {
    expect(drain(fill(new LifoOrder<Caller>(), caller('a1'), caller('b1'), caller('c1')))).toBe('c1 b1 a1');
  });
});

describe('PriorityOrder', () => {
  it('serves the highest priority first, and within one in the order of arrival', () => {
    const callers = [
      caller('a1', { priority: 1 }),
      caller('b1', { priority: 9 }),
      caller('c1'),
      caller('a2', { priority: 1 }),
      caller('b2', { priority: 9 }),
    ];
    expect(drain(fill(new PriorityOrder<Caller>(1_000), ...callers))).toBe('b1 b2 a1 a2 c1');
  });

  it('counts each ageing of waiting as one step, so that nobody starves', () => {
    const early = caller('a1', { priority: 0, queuedAt: 0 });
    const late = caller('b1', { priority: 2, queuedAt: 2_500 });
    const order = new PriorityOrder<Caller>(1_000);
    expect(drain(fill(order, late, early), 3_000)).toBe('a1 b1');
    late.queuedAt = 1_500;
    expect(drain(fill(order, late, early), 3_000)).toBe('b1 a1');
  });

  it('prefers the higher priority where waiting has made them equal', () => {
    const early = caller('a1', { priority: 0, queuedAt: 0 });
    const late = caller('b1', { priority: 2, queuedAt: 2_000 });
    expect(drain(fill(new PriorityOrder<Caller>(1_000), early, late), 3_000)).toBe('b1 a1');
  });

  it('keeps to the priorities for ever when the ageing is endless', () => {
    const order = new PriorityOrder<Caller>(Infinity);
    fill(order, caller('a1', { priority: 0, queuedAt: 0 }), caller('b1', { priority: 1, queuedAt: 1e9 }));
    expect(drain(order, 2e9)).toBe('b1 a1');
  });
});

describe('FairOrder', () => {
  it('serves one of each tenant in turn', () => {
    const names = ['a1', 'a2', 'a3', 'b1', 'c1', 'c2'];
    expect(drain(fill(new FairOrder<Caller>(), ...names.map((name) => caller(name))))).toBe(
      'a1 b1 c1 a2 c2 a3',
    );
  });

  it('lets nobody wait behind the thousand of another tenant', () => {
    const order = new FairOrder<Caller>();
    for (let i = 0; i < 1_000; i++) order.add(caller(`a${i}`));
    order.add(caller('b1'));
    expect([order.take()?.name, order.take()?.name]).toEqual(['a0', 'b1']);
  });

  it('keeps a tenant its turn when its first entry leaves', () => {
    const [first, second, other] = ['a1', 'a2', 'b1'].map((name) => caller(name));
    const order = fill(new FairOrder<Caller>(), first, second, other);
    order.remove(first);
    expect(drain(order)).toBe('a2 b1');
  });
});
