import {
  type Arbitrary,
  array,
  boolean,
  constantFrom,
  integer,
  nat,
  oneof,
  record,
  stringify,
  toStringMethod,
  tuple,
} from 'fast-check';
import type { PoolModel } from './pool-model.fixture.js';
import { anyAbandonment, anyOption } from './pool-model-options.fixture.js';

/** One thing that somebody does to a pool, or that happens to it. */
export interface Operation {
  happen(model: PoolModel): unknown;
  /** Its name, for the report of a failure. */
  [toStringMethod]: () => string;
}

const which = nat({ max: 20 });
const who = record(
  { tenant: constantFrom('a', 'b', 'c'), priority: constantFrom(0, 1, 5) },
  { noNullPrototype: true },
);
const span = integer({ min: 1, max: 120 });
const size = record(
  { min: nat({ max: 3 }), max: integer({ min: 1, max: 5 }) },
  { requiredKeys: [], noNullPrototype: true },
);
const quotas = integer({ min: 1, max: 3 });
const others = record(anyOption, { requiredKeys: [], noNullPrototype: true });

/** Everything that a pool's public methods can do, and how often it is worth a try. */
const OPERATIONS: { weight: number; arbitrary: Arbitrary<Operation> }[] = [
  often(80, 'acquire', [who], (model, asker) => model.acquire(asker)),
  often(30, 'acquire', [who, span], (model, asker, timeout) => model.acquire(asker, timeout)),
  often(40, 'use', [who, boolean()], (model, asker, fails) => model.use(asker, fails)),
  often(30, 'tryAcquire', [who], (model, asker) => model.tryAcquire(asker)),
  often(90, 'release', [which], (model, index) => model.giveBack(index, false)),
  often(20, 'invalidate', [which], (model, index) => model.giveBack(index, true)),
  often(10, 'release again', [which], (model, index) => model.giveBackAgain(index, false)),
  often(5, 'invalidate again', [which], (model, index) => model.giveBackAgain(index, true)),
  often(20, 'abandon', [which], (model, index) => model.abandon(index)),
  often(30, 'abort', [which], (model, index) => model.abort(index)),
  often(10, 'die', [which], (model, index) => model.die(index)),
  often(10, 'flush', [], (model) => model.flush()),
  often(10, 'warmUp', [], (model) => model.warmUp()),
  often(20, 'resize', [size], (model, change) => model.reconfigure(change)),
  often(10, 'reconfigure', [others], (model, change) => model.reconfigure(change)),
  often(5, 'change the quota', [quotas], (model, max) => model.changeQuota(max)),
  often(5, 'change the abandonment', [anyAbandonment], (model, abandonment) =>
    model.reconfigure({ abandonment }),
  ),
  often(5, 'replaceFactory', [], (model) => model.replaceFactory()),
  often(10, 'pause', [], ({ pool }) => pool.pause()),
  often(20, 'resume', [], ({ pool }) => pool.resume()),
  often(80, 'time passes', [span], ({ clock }, ms) => clock.advance(ms)),
  often(10, 'freeze', [integer({ min: 1, max: 800 })], (model, ms) => model.freeze(ms)),
  often(1, 'drain', [nat({ max: 200 })], (model, deadline) => model.drain(deadline)),
  often(1, 'close', [nat({ max: 200 })], (model, deadline) => model.close(deadline)),
];

/** @param length of the longest */
export function sequences(length: number): Arbitrary<Operation[]> {
  return array(oneof(...OPERATIONS), { maxLength: length, size: 'max' });
}

function often<A extends unknown[]>(
  weight: number,
  name: string,
  args: { [I in keyof A]: Arbitrary<A[I]> },
  happen: (model: PoolModel, ...args: A) => unknown,
): { weight: number; arbitrary: Arbitrary<Operation> } {
  const arbitrary = tuple<A>(...args).map((given) => {
    const label = `${name}(${given.map((arg) => stringify(arg)).join(', ')})`;
    return { happen: (model: PoolModel) => happen(model, ...given), [toStringMethod]: () => label };
  });
  return { weight, arbitrary };
}
