import { describe, expect, it } from '@jest/globals';
import { DEFAULT_POOL_OPTIONS, InvalidOptionsError, ResourcePool } from './index.js';
import { type PoolOptions, readPoolOptions } from './pool-options.js';
import type { ResourceFactory } from './factory/resource-factory.js';

const factory: ResourceFactory<object> = { create: () => ({}) };
const SPAN = /must be milliseconds or a string such as "250ms".* and not negative; got /;
const POSITIVE = 'must be more than 0; use Infinity for no limit.';
const atLeast = (least: number): string => `must be a whole number of at least ${least}; got `;
const POLICY = { execute: (): void => undefined };
const FLAG = 'must be true or false; got ';

/** An option, what it is given, what the error says. */
const WRONG: [string, unknown, unknown, string | RegExp][] = [
  ['max', { max: 0 }, 0, `${atLeast(1)}0.`],
  ['max', { max: -1 }, -1, `${atLeast(1)}-1.`],
  ['max', { max: 2.5 }, 2.5, `${atLeast(1)}2.5.`],
  ['max', { max: NaN }, NaN, `${atLeast(1)}NaN.`],
  ['max', { max: Infinity }, Infinity, `${atLeast(1)}Infinity.`],
  ['max', { max: '5' }, '5', `${atLeast(1)}"5".`],
  ['max', { max: null }, null, `${atLeast(1)}null.`],
  ['min', { min: -1 }, -1, `${atLeast(0)}-1.`],
  ['min', { min: 'two' }, 'two', `${atLeast(0)}"two".`],
  ['min', { min: 3, max: 2 }, 3, 'must not be greater than "max"; got min 3 and max 2.'],
  ['min', { min: 11 }, 11, 'must not be greater than "max"; got min 11 and max 10.'],
  ['minIdle', { minIdle: -1 }, -1, `${atLeast(0)}-1.`],
  ['minIdle', { minIdle: 1.5 }, 1.5, `${atLeast(0)}1.5.`],
  ['minIdle', { minIdle: Infinity }, Infinity, `${atLeast(0)}Infinity.`],
  ['minIdle', { minIdle: '2' }, '2', `${atLeast(0)}"2".`],
  ['minIdle', { minIdle: 11 }, 11, 'must not be greater than "max"; got minIdle 11 and max 10.'],
  ['minIdle', { minIdle: 1, max: 2, sizing: { mode: 'fixed' } }, 1, 'has no effect with sizing.mode "fixed"'],
  [
    'minIdle',
    { minIdle: 3, sizing: { mode: 'adaptive', least: 2 } },
    3,
    'must not be greater than "sizing.least"; got minIdle 3 and least 2.',
  ],
  ['acquireTimeout', { acquireTimeout: 'soon' }, 'soon', SPAN],
  ['acquireTimeout', { acquireTimeout: 0 }, 0, POSITIVE],
  ['acquireTimeout', { acquireTimeout: -5 }, -5, SPAN],
  ['acquireTimeout', { acquireTimeout: null }, null, SPAN],
  ['idleTimeout', { idleTimeout: NaN }, NaN, SPAN],
  ['idleTimeout', { idleTimeout: '0ms' }, '0ms', POSITIVE],
  ['maxLifetime', { maxLifetime: '-1s' }, '-1s', SPAN],
  ['maxLifetime', { maxLifetime: 0 }, 0, POSITIVE],
  ['maxLeaseTime', { maxLeaseTime: {} }, {}, SPAN],
  ['maxLeaseTime', { maxLeaseTime: 0 }, 0, POSITIVE],
  ['maxUses', { maxUses: 0 }, 0, `${atLeast(1)}0.`],
  ['maxUses', { maxUses: -Infinity }, -Infinity, `${atLeast(1)}-Infinity.`],
  ['maxWaiting', { maxWaiting: -1 }, -1, `${atLeast(0)}-1.`],
  ['maxWaiting', { maxWaiting: 0.5 }, 0.5, `${atLeast(0)}0.5.`],
  ['abandonment', { abandonment: 'retire' }, 'retire', 'must be an object; got "retire".'],
  ['abandonment.wait', { abandonment: { wait: -1 } }, -1, SPAN],
  ['abandonment.wait', { abandonment: { wait: 'a while' } }, 'a while', SPAN],
  // oxlint-disable-next-line unicorn/no-thenable -- a word, and no function
  ['abandonment.then', { abandonment: { then: 'lend' } }, 'lend', 'must be one of "retire"; got "lend".'],
  ['abandonment.max', { abandonment: { max: 2 } }, 2, 'must be a number from 0 to 1; got 2.'],
  ['validation', { validation: true }, true, 'must be an object; got true.'],
  ['validation', { validation: null }, null, 'must be an object; got null.'],
  ['validation', { validation: [] }, [], 'must be an object; got an array.'],
  ['validation.onBorrow', { validation: { onBorrow: 'yes' } }, 'yes', `${FLAG}"yes".`],
  [
    'validation.onBorrow',
    { validation: { onBorrow: true } },
    true,
    'needs a factory with a "validate" method',
  ],
  ['validation.onReturn', { validation: { onReturn: 1 } }, 1, `${FLAG}1.`],
  [
    'validation.onReturn',
    { validation: { onReturn: true } },
    true,
    'needs a factory with a "validate" method',
  ],
  ['validation.aliveBypass', { validation: { aliveBypass: 'x' } }, 'x', SPAN],
  [
    'validation.keepAlive',
    { validation: { keepAlive: '1m' } },
    '1m',
    'needs a factory with a "validate" method',
  ],
  ['validation.keepAlive', { validation: { keepAlive: 0 } }, 0, POSITIVE],
  ['validation.isFatal', { validation: { isFatal: 'yes' } }, 'yes', 'must be a function; got "yes".'],
  ['validation.timeout', { validation: { timeout: 0 } }, 0, POSITIVE],
  ['validation.timeout', { validation: { timeout: [] } }, [], SPAN],
  ['validation.timeout.reset', { validation: { timeout: { reset: 0 } } }, 0, POSITIVE],
  ['validation.timeout.onBorrow', { validation: { timeout: { onBorrow: 0 } } }, 0, POSITIVE],
  ['validation.timeout.onReturn', { validation: { timeout: { onReturn: 0 } } }, 0, POSITIVE],
  ['validation.timeout.keepAlive', { validation: { timeout: { keepAlive: 0 } } }, 0, POSITIVE],
  [
    'validation.timeout.create',
    { validation: { timeout: { create: 1 } } },
    1,
    'is not an option. Known options: onBorrow, onReturn, keepAlive, reset.',
  ],
  ['validation.timeout', { validation: { timeout: '5 parsecs' } }, '5 parsecs', SPAN],
  [
    'validation.onborrow',
    { validation: { onborrow: true } },
    true,
    'is not an option. Known options: onBorrow, aliveBypass,',
  ],
  ['creation', { creation: 5 }, 5, 'must be an object; got 5.'],
  ['creation.concurrency', { creation: { concurrency: 0 } }, 0, `${atLeast(1)}0.`],
  ['creation.timeout', { creation: { timeout: 0 } }, 0, POSITIVE],
  [
    'creation.retries',
    { creation: { retries: 3 } },
    3,
    'is not an option. Known options: concurrency, timeout, retry,',
  ],
  ['creation.retry', { creation: { retry: 3 } }, 3, 'must be an object; got 3.'],
  ['creation.retry.attempts', { creation: { retry: { attempts: 0 } } }, 0, `${atLeast(1)}0.`],
  ['creation.retry.attempts', { creation: { retry: { attempts: Infinity } } }, 0, `${atLeast(1)}Infinity.`],
  ['creation.retry.delay', { creation: { retry: { delay: 0 } } }, 0, POSITIVE],
  [
    'creation.retry.delay',
    { creation: { retry: { delay: '3s' } } },
    '3s',
    'must not be longer than "maxDelay"; got 3000 and 2000 ms.',
  ],
  ['creation.retry.maxDelay', { creation: { retry: { maxDelay: 'x' } } }, 'x', SPAN],
  [
    'creation.retry.times',
    { creation: { retry: { times: 3 } } },
    3,
    'is not an option. Known options: attempts, delay, maxDelay.',
  ],
  ['creation.breaker', { creation: { breaker: false } }, false, 'must be an object; got false.'],
  ['creation.breaker.failures', { creation: { breaker: { failures: 0 } } }, 0, `${atLeast(1)}0.`],
  ['creation.breaker.cooldown', { creation: { breaker: { cooldown: 0 } } }, 0, POSITIVE],
  [
    'creation.breaker.cooldown',
    { creation: { breaker: { cooldown: '1m', maxCooldown: '5s' } } },
    '1m',
    'must not be longer than "maxCooldown"; got 60000 and 5000 ms.',
  ],
  ['creation.breaker.maxCooldown', { creation: { breaker: { maxCooldown: -1 } } }, -1, SPAN],
  [
    'creation.policy',
    { creation: { policy: { run: () => 1 } } },
    {},
    'must be an object with a method execute(fn, signal), such as a policy of cockatiel.',
  ],
  ['creation.policy', { creation: { policy: 'retry' } }, {}, 'must be an object with a method execute'],
  [
    'creation.policy',
    { creation: { policy: POLICY, retry: { attempts: 2 } } },
    {},
    'replaces "creation.retry"; give one of them, not both.',
  ],
  [
    'creation.policy',
    { creation: { policy: POLICY, breaker: {} } },
    {},
    'replaces "creation.breaker"; give one of them, not both.',
  ],
  ['retirement', { retirement: 'x' }, 'x', 'must be an object; got "x".'],
  ['retirement.timeout', { retirement: { timeout: -1 } }, -1, SPAN],
  ['retirement.jitter', { retirement: { jitter: -0.1 } }, -0.1, 'must be a number from 0 to 1; got -0.1.'],
  ['retirement.jitter', { retirement: { jitter: 1.5 } }, 1.5, 'must be a number from 0 to 1; got 1.5.'],
  ['retirement.jitter', { retirement: { jitter: NaN } }, NaN, 'must be a number from 0 to 1; got NaN.'],
  ['retirement.jitter', { retirement: { jitter: '10%' } }, '10%', 'must be a number from 0 to 1; got "10%".'],
  ['retirement.predicate', { retirement: { predicate: true } }, true, 'must be a function; got true.'],
  ['retirement.prune', { retirement: { prune: true } }, true, 'must be an object; got true.'],
  ['retirement.prune.interval', { retirement: { prune: { interval: 0 } } }, 0, POSITIVE],
  ['retirement.prune.samples', { retirement: { prune: { samples: 0 } } }, 0, `${atLeast(1)}0.`],
  [
    'retirement.prune.every',
    { retirement: { prune: { every: 1 } } },
    1,
    'is not an option. Known options: interval, samples.',
  ],
  [
    'retirement.giter',
    { retirement: { giter: 0.1 } },
    0.1,
    'is not an option. Known options: timeout, jitter, predicate, prune.',
  ],
  ['sizing', { sizing: 'fixed' }, 'fixed', 'must be an object; got "fixed".'],
  [
    'sizing.mode',
    { sizing: { mode: 'large' } },
    'large',
    'must be one of "elastic", "fixed", "adaptive"; got "large".',
  ],
  ['sizing.least', { sizing: { least: 1 } }, 1, 'needs sizing.mode "adaptive".'],
  ['sizing.most', { sizing: { mode: 'fixed', most: 9 } }, 9, 'needs sizing.mode "adaptive".'],
  ['sizing.interval', { sizing: { interval: 9 } }, 9, 'needs sizing.mode "adaptive".'],
  ['sizing.most', { sizing: { mode: 'adaptive', most: 0 } }, 0, `${atLeast(1)}0.`],
  ['sizing.least', { sizing: { mode: 'adaptive', least: 0 } }, 0, `${atLeast(1)}0.`],
  [
    'sizing.least',
    { sizing: { mode: 'adaptive', least: 6, most: 5 } },
    6,
    'must not be greater than "sizing.most"; got least 6 and most 5.',
  ],
  ['sizing.interval', { sizing: { mode: 'adaptive', interval: 0 } }, 0, POSITIVE],
  [
    'max',
    { max: 5, sizing: { mode: 'adaptive' } },
    5,
    'is found between "sizing.least" and "sizing.most" with sizing.mode "adaptive"; leave it out.',
  ],
  [
    'min',
    { min: 3, sizing: { mode: 'adaptive', least: 2 } },
    3,
    'must not be greater than "sizing.least"; got min 3 and least 2.',
  ],
  [
    'min',
    { min: 2, max: 5, sizing: { mode: 'fixed' } },
    2,
    'must equal "max" with sizing.mode "fixed", or be left out; got min 2 and max 5.',
  ],
  ['queue', { queue: 'fifo' }, 'fifo', 'must be an object; got "fifo".'],
  [
    'queue.order',
    { queue: { order: 'random' } },
    'random',
    'must be one of "fifo", "lifo", "priority", "fair"; got "random".',
  ],
  ['queue.ageing', { queue: { order: 'priority', ageing: 0 } }, 0, POSITIVE],
  ['queue.ageing', { queue: { ageing: '1s' } }, '1s', 'needs "queue.order" to be "priority"'],
  ['queue.coDel', { queue: { coDel: true } }, true, 'must be an object; got true.'],
  ['queue.coDel.target', { queue: { coDel: { target: 0 } } }, 0, POSITIVE],
  ['queue.coDel.interval', { queue: { coDel: { interval: 'x' } } }, 'x', SPAN],
  [
    'queue.coDel.window',
    { queue: { coDel: { window: 1 } } },
    1,
    'is not an option. Known options: target, interval.',
  ],
  [
    'lending.order',
    { lending: { order: 'lifo' } },
    'lifo',
    'must be one of "mostRecent", "leastRecent"; got "lifo".',
  ],
  ['quota.max', { quota: { max: 0 } }, 0, `${atLeast(1)}0.`],
  ['leaks.warnAfter', { leaks: { warnAfter: 0 } }, 0, POSITIVE],
  ['leaks.stack', { leaks: { stack: true } }, true, 'must be one of "off", "sampled", "always"; got true.'],
  ['leaks.reclaimCollected', { leaks: { reclaimCollected: 'yes' } }, 'yes', `${FLAG}"yes".`],
  ['quota.budget', { quota: { budget: 20 } }, 20, 'must be a ResourceBudget; got 20.'],
  ['maxSize', { maxSize: 5 }, 5, 'is not an option. Known options: min, minIdle, max, acquireTimeout,'],
];

describe('pool options', () => {
  it.each(WRONG)('refuses %s in %j', (option, options, _, problem) => {
    const make = (): unknown => new ResourcePool(factory, { type: 'pg', ...(options as PoolOptions) });
    expect(make).toThrow(InvalidOptionsError);
    expect(make).toThrow(expect.objectContaining({ option, type: 'pg' }));
    expect(make).toThrow(problem);
    expect(make).toThrow(`"${option}"`);
  });

  it.each([null, 5, 'pg', []])('refuses %p in place of options', (options) => {
    const make = (): unknown => new ResourcePool(factory, options as PoolOptions);
    expect(make).toThrow(expect.objectContaining({ name: 'InvalidOptionsError', option: 'options' }));
    expect(make).toThrow('must be an object');
  });

  it.each([undefined, {}, DEFAULT_POOL_OPTIONS, { min: undefined, validation: undefined, creation: {} }])(
    'reads %j as the defaults',
    (options) => {
      expect(readPoolOptions(options ?? {}, '', 'pg', true)).toMatchObject({
        minimum: { min: 0, minIdle: 0 },
        max: 10,
        acquireTimeout: 5_000,
        maxLeaseTime: Infinity,
        maxWaiting: Infinity,
        creationTimeout: 10_000,
        destroyTimeout: 5_000,
        validation: { onBorrow: true, aliveBypass: 500, onReturn: false, keepAlive: Infinity },
        validationTimeouts: { onBorrow: 2_000, onReturn: 2_000, keepAlive: 2_000, reset: 2_000 },
        isFatal: undefined,
        creation: { concurrency: Infinity },
        creationRetry: { attempts: 3, delay: 100, maxDelay: 2_000 },
        creationBreaker: { failures: 5, cooldown: 200, maxCooldown: 1_000 },
        creationExecution: undefined,
        retirement: { idleTimeout: 300_000, maxLifetime: 1_800_000, maxUses: Infinity, jitter: 0.1 },
        predicate: undefined,
        prune: undefined,
        adaptive: undefined,
      });
    },
  );

  it('reads a fixed size as a minimum that is the maximum', () => {
    const sizing = { mode: 'fixed' } as const;
    expect(readPoolOptions({ max: 4, sizing }, '', 'pg', true)).toMatchObject({
      minimum: { min: 4 },
      max: 4,
    });
    expect(readPoolOptions({ min: 3, max: 3, sizing }, '', 'pg', true)).toMatchObject({
      minimum: { min: 3 },
      max: 3,
    });
    expect(readPoolOptions({ sizing }, '', 'pg', true)).toMatchObject({ minimum: { min: 10 }, max: 10 });
  });

  it('reads an adaptive size, which begins with the least', () => {
    expect(readPoolOptions({ sizing: { mode: 'adaptive' } }, '', 'pg', true)).toMatchObject({
      minimum: { min: 0 },
      max: 1,
      adaptive: { least: 1, most: 10, interval: 1_000 },
    });
    const sizing = { mode: 'adaptive', least: 12, interval: '5s' } as const;
    expect(readPoolOptions({ min: 2, sizing }, '', 'pg', true)).toMatchObject({
      minimum: { min: 2 },
      max: 12,
      adaptive: { least: 12, most: 12, interval: 5_000 },
    });
  });

  it('leaves a caller time for another resource when a validation hangs, by default', () => {
    const { validationTimeouts, acquireTimeout } = readPoolOptions({}, '', 'pg', true);
    for (const timeout of Object.values(validationTimeouts)) expect(timeout).toBeLessThan(acquireTimeout);
  });

  it('reads what is given', () => {
    const isFatal = (): boolean => true;
    const options: PoolOptions = {
      min: 2,
      minIdle: 1,
      max: 2,
      acquireTimeout: Infinity,
      idleTimeout: '1m',
      maxLifetime: Infinity,
      maxUses: 7,
      maxLeaseTime: '2m',
      maxWaiting: 0,
      validation: {
        onBorrow: false,
        onReturn: true,
        aliveBypass: 0,
        keepAlive: '5m',
        timeout: { onBorrow: 1, keepAlive: '1m', reset: '3s' },
        isFatal,
      },
      creation: {
        concurrency: 1,
        timeout: '3s',
        retry: { attempts: 4, delay: '5s', maxDelay: '6s' },
        breaker: { failures: Infinity, cooldown: '7s', maxCooldown: '8s' },
      },
      retirement: { timeout: '4s', jitter: 0, predicate: () => true, prune: { interval: '1s' } },
    };
    expect(readPoolOptions(options, '', 'pg', true)).toMatchObject({
      minimum: { min: 2, minIdle: 1 },
      max: 2,
      acquireTimeout: Infinity,
      maxLeaseTime: 120_000,
      maxWaiting: 0,
      validationTimeouts: { onBorrow: 1, onReturn: 2_000, keepAlive: 60_000, reset: 3_000 },
      isFatal,
      creationTimeout: 3_000,
      destroyTimeout: 4_000,
      validation: { onBorrow: false, aliveBypass: 0, onReturn: true, keepAlive: 300_000 },
      creation: { concurrency: 1 },
      creationRetry: { attempts: 4, delay: 5_000, maxDelay: 6_000 },
      creationBreaker: { failures: Infinity, cooldown: 7_000, maxCooldown: 8_000 },
      retirement: { idleTimeout: 60_000, maxLifetime: Infinity, maxUses: 7, jitter: 0 },
      predicate: expect.any(Function),
      prune: { interval: 1_000, samples: 30 },
    });
  });

  it('names an option after the place where it stands', () => {
    const read = (options: unknown) => () =>
      readPoolOptions(options as PoolOptions, 'resources.pg.pool', 'pg', false);
    expect(read({ creation: { timeout: 0 } })).toThrow(
      '"resources.pg.pool.creation.timeout" must be more than 0',
    );
    expect(read(5)).toThrow(expect.objectContaining({ option: 'resources.pg.pool' }));
  });

  it('does not validate on borrow unless the factory can', () => {
    expect(readPoolOptions({}, '', 'pg', false).validation.onBorrow).toBe(false);
  });
});
