import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { noneRetired, type PoolStats } from '../reports/pool-stats.js';
import { describeCause } from '../words/describe-cause.js';
import { HOSTILE_ROWS } from '../words/hostile-values.fixture.js';
import { settle } from '../time/virtual-clock.fixture.js';
import * as errors from './index.js';
import { heed, tell, warnOf } from '../words/warn-of.js';

const stats: PoolStats = {
  min: 0,
  max: 1,
  size: 1,
  idle: 0,
  leased: 1,
  creating: 0,
  destroying: 0,
  pending: 1,
  abandoned: 0,
  acquired: 1,
  released: 0,
  timeouts: 0,
  created: 1,
  destroyed: 0,
  retired: noneRetired(),
  breaker: 'closed',
  failing: undefined,
};

/** What may not stand in a line of log. */
const UNSAFE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202e]/u;

/** Every error of ours, with the value wherever something foreign may stand. */
function allErrors(value: unknown): Error[] {
  const name = value as string; // whoever is not compiled may give anything
  const known = typeof value === 'string' ? value : 'pg';
  return [
    new errors.AcquireAbortedError('pg', value, stats, 'Orders.find'),
    new errors.AcquireTimeoutError('pg', 5, stats, 'Orders.find', value),
    new errors.AcquireTimeoutError('pg', 5, stats, 'x', new errors.ResourceCreationError('pg', value, stats)),
    new errors.CacheAbortedError('cache', 'key', value, 'Orders.find'),
    new errors.ResourceCreationError('pg', value, stats, 'Orders.find', 10),
    new errors.AcquireAbortedError(name, undefined, stats, name),
    new errors.AcquireTimeoutError(name, 5, stats, name),
    new errors.CacheClosedError(name, 'key', name),
    new errors.CacheFullError(name, 'key', 1, name),
    new errors.CacheTimeoutError(name, 'key', 1, 'load', name),
    new errors.DeadlockError(name, [{ owner: known, holds: [known], waitsFor: known }], stats, name),
    new errors.DependencyError('pg', 'tunnel', 'degraded', value, 'Orders.find'),
    new errors.DependencyError(name, known, 'degraded', undefined, name),
    new errors.IllegalTransitionError('stopped', 'starting', name),
    new errors.SessionBeginError(name, value),
    new errors.StartTimeoutError(name, 5, false),
    new errors.InvalidOptionsError('option', 'is wrong.', name),
    new errors.LeaseReleasedError(name, name),
    errors.NoLeaseScopeError.forType(name, name),
    errors.NoLeaseScopeError.forKey(name, name),
    errors.NoLeaseScopeError.notAcquired(name, name),
    new errors.PoolClosedError(name, name, stats),
    new errors.PoolExhaustedError(name, 1, stats, name),
    new errors.PoolOverloadedError(name, 1, stats, name),
    new errors.PoolPausedError(name, 1, stats, name),
    new errors.TransactionEndedError(name, name),
    new errors.TransactionOutcomeUnknownError(name, name, value),
    new errors.TransactionRefusedError(name, 'never', name),
    new errors.TransactionRolledBackError(name, 'marked', value),
    errors.UnknownResourceError.forType(name, [known], [known]),
    errors.UnknownResourceError.forCachedType(name, [known], [known]),
    errors.UnknownResourceError.forResource([known]),
  ];
}

describe('an error of ours about something hostile', () => {
  it.each(HOSTILE_ROWS)('can be made, read and printed: %s', (_, make) => {
    for (const error of allErrors(make())) {
      expect(error.message.length).toBeLessThan(2_500);
      expect(error.message).not.toMatch(UNSAFE);
      expect(String(error)).toContain(error.message);
      expect(inspect(error).length).toBeLessThan(400_000);
      expect(inspect(error, { depth: 5 })).toContain(error.name);
      expect(() => JSON.stringify(error)).not.toThrow();
      expect(() => structuredClone({ message: error.message, name: error.name })).not.toThrow();
    }
  });

  it.each(HOSTILE_ROWS)('says of it in one short line what can be said: %s', (_, make) => {
    const text = describeCause(make());
    expect(text.length).toBeLessThanOrEqual(500);
    expect(text).not.toMatch(UNSAFE);
  });

  it('carries what was thrown itself when it can be printed', () => {
    for (const cause of [
      new Error('x'),
      'x',
      { code: 1 },
      null,
      0,
      new AggregateError([new Error('y')]),
      Symbol('s'),
    ])
      expect(new errors.ResourceCreationError('pg', cause).cause).toBe(cause);
    const cyclic = new AggregateError([]);
    cyclic.errors.push(cyclic);
    expect(new errors.ResourceCreationError('pg', cyclic).cause).toBe(cyclic);
  });

  it('carries a description of it when it can not be printed', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const long = new Error('m'.repeat(1_000_000));
    for (const cause of [proxy, long]) {
      const error = new errors.ResourceCreationError('pg', cause);
      expect(error.cause).toMatchObject({ name: 'UnreadableCause', message: describeCause(cause) });
    }
  });

  it('tells the parts of an AggregateError, and no part twice', () => {
    const error = new AggregateError([new Error('one'), 'two']);
    error.errors.push(error, new Error('three'));
    expect(describeCause(error)).toBe('one; two; AggregateError; three');
    expect(
      describeCause(new AggregateError(Array.from({ length: 100 }, (_, i) => new Error(`e${i}`)))),
    ).toMatch(/^e0; .*e7; and 92 more$/);
  });
});

describe('a failure that nobody waits for', () => {
  let warned: jest.SpiedFunction<typeof process.emitWarning>;

  beforeEach(() => {
    warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  });
  afterEach(() => {
    warned.mockRestore();
  });

  const warnings = (): unknown[] => warned.mock.calls.map(([warning]) => warning);

  it.each(HOSTILE_ROWS)('becomes a warning of one line: %s', (_, make) => {
    warnOf(make());
    expect(warnings()).toHaveLength(1);
    const [text] = warnings().map(String);
    expect(text?.length).toBeLessThan(600);
    expect(text).not.toMatch(UNSAFE);
  });

  it.each(HOSTILE_ROWS)('may come from a listener that throws, at once or later: %s', async (_, make) => {
    const value = make();
    tell(() => {
      throw value;
    });
    tell(() => Promise.reject(value));
    await settle();
    expect(warnings()).toHaveLength(2);
  });

  it.each(HOSTILE_ROWS)('is none when a listener only returns it: %s', async (_, make) => {
    const value = make();
    tell(() => value);
    expect(heed(value)).toBe(false);
    await settle();
    expect(warnings()).toEqual([]);
  });

  it('is printed as it was thrown when that makes one line', () => {
    const error = new Error('listener failed');
    warnOf(error);
    warnOf('text');
    expect(warnings()).toEqual([error, 'text']);
    expect(warnings()[0]).toBe(error);
  });

  it('is told in words when Node takes no error of its realm', () => {
    warned.mockImplementationOnce(() => {
      throw new TypeError('an instance of Error is expected');
    });
    warnOf(new Error('from elsewhere'));
    expect(warned.mock.calls[1]).toEqual(['from elsewhere', 'HookWarning']);
  });
});
