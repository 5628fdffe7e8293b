import { describe, expect, it } from '@jest/globals';
import { noneRetired, type PoolStats } from '../reports/pool-stats.js';
import * as errors from './index.js';
import { describeCause } from '../words/describe-cause.js';

const stats: PoolStats = {
  min: 0,
  max: 4,
  size: 4,
  idle: 0,
  leased: 3,
  creating: 1,
  destroying: 0,
  abandoned: 0,
  pending: 7,
  acquired: 100,
  released: 97,
  timeouts: 2,
  created: 5,
  destroyed: 2,
  retired: noneRetired(),
  breaker: 'closed',
  failing: undefined,
};
const cause = new Error('connection refused');
const STATE = 'max 4: 3 leased, 0 idle, 1 being created, 7 waiting';

const CIRCLE: errors.DeadlockLink[] = [
  { owner: 'Orders.find', holds: ['s3', 's3'], waitsFor: 'pg' },
  { owner: 'Exports.run', holds: ['pg'], waitsFor: 's3' },
];

const forgedCircle = (forged: string): errors.DeadlockLink[] => [
  { owner: forged, holds: [forged], waitsFor: forged },
];

interface Case {
  error: errors.ResourceError;
  /** What the message must tell. */
  says: string[];
  fields: Record<string, unknown>;
}

const CASES: Case[] = [
  {
    error: new errors.AcquireTimeoutError('pg', 500, stats, 'Orders.find'),
    says: ['"pg"', 'Orders.find', '500 ms', STATE, 'pool.leases()', '"max"', '"acquireTimeout"'],
    fields: { name: 'AcquireTimeoutError', type: 'pg', owner: 'Orders.find', timeout: 500, stats },
  },
  {
    error: new errors.AcquireAbortedError('pg', cause, stats, 'Orders.find'),
    says: ['"pg"', 'Orders.find', 'AbortSignal'],
    fields: { name: 'AcquireAbortedError', type: 'pg', owner: 'Orders.find', stats, cause },
  },
  {
    error: new errors.DeadlockError('pg', CIRCLE, stats, 'Orders.find'),
    says: [
      'Orders.find gave up waiting for "pg"',
      STATE,
      'Orders.find holds "s3", "s3" and waits for "pg"; Exports.run holds "pg" and waits for "s3"',
      'acquireAll()',
    ],
    fields: { name: 'DeadlockError', type: 'pg', owner: 'Orders.find', stats, circle: CIRCLE },
  },
  {
    error: new errors.DeadlockError(
      'Prices.list',
      [{ owner: 'a', holds: [], waitsFor: 'b' }],
      undefined,
      'a',
    ),
    says: ['a gave up waiting for "Prices.list" because', 'a holds nothing and waits for "b"'],
    fields: { stats: undefined },
  },
  {
    error: errors.UndeclaredKeyError.forPooled('pg', 'Prices.list'),
    says: [
      'The load of Prices.list',
      'borrows "pg"',
      '@Cached({ by: keyFunction })',
      'acquire("pg", { key })',
    ],
    fields: { name: 'UndeclaredKeyError', type: 'pg', entry: 'Prices.list', owner: 'Prices.list (load)' },
  },
  {
    error: errors.UndeclaredKeyError.forCached('tenantDb', 'Prices.list'),
    says: ['leases "tenantDb"', '@Cached({ by: keyFunction })', 'coordinator.acquireCached("tenantDb", key)'],
    fields: { type: 'tenantDb', entry: 'Prices.list' },
  },
  {
    error: errors.UndeclaredKeyError.forEntry('Prices.price', 'Prices.list'),
    says: ['The load of Prices.list', 'asks for Prices.price', 'the key function of Prices.price'],
    fields: { type: undefined, entry: 'Prices.list' },
  },
  {
    error: errors.NoLeaseScopeError.forEntry('Prices.list', 'nightly (run)'),
    says: ['Prices.list needs a request', 'nightly (run) belongs to none'],
    fields: { name: 'NoLeaseScopeError', owner: 'nightly (run)' },
  },
  {
    error: new errors.SessionBeginError('OrdersController.find (http)', new Error('no tenant')),
    says: ['The transaction was not begun, because session.begin has failed: no tenant'],
    fields: {
      name: 'SessionBeginError',
      owner: 'OrdersController.find (http)',
      cause: new Error('no tenant'),
    },
  },
  {
    error: new errors.SessionStateError('pgbouncer-transaction', '  LISTEN news'),
    says: ['"LISTEN news" would leave something', 'behind "pgbouncer-transaction"', 'SET LOCAL'],
    fields: { name: 'SessionStateError', behind: 'pgbouncer-transaction', statement: '  LISTEN news' },
  },
  {
    error: new errors.ForeignTransactionError('pg', 'Orders.find', 'waited'),
    says: ['Orders.find', '"pg" was not sent', "that one's own client", 'NESTED'],
    fields: { name: 'ForeignTransactionError', type: 'pg', owner: 'Orders.find', problem: 'waited' },
  },
  {
    error: new errors.TransactionEndedError('pg', 'Orders.find'),
    says: ['"pg"', 'Orders.find', 'used after its end', 'Await all'],
    fields: { name: 'TransactionEndedError', type: 'pg', owner: 'Orders.find' },
  },
  {
    error: new errors.TransactionOutcomeUnknownError('pg', 'Orders.find', cause),
    says: ['It is not known', '"pg"', 'Orders.find', 'connection refused', 'look at the data'],
    fields: { name: 'TransactionOutcomeUnknownError', type: 'pg', owner: 'Orders.find', cause },
  },
  {
    error: new errors.TransactionRefusedError('pg', 'mandatory', 'Orders.find'),
    says: ['Work of Orders.find on "pg" was refused', 'MANDATORY', 'Begin one where it is called'],
    fields: { name: 'TransactionRefusedError', type: 'pg', owner: 'Orders.find', reason: 'mandatory' },
  },
  {
    error: new errors.TransactionRefusedError(undefined, 'foreign'),
    says: ['Work was refused', 'begun by a statement'],
    fields: { name: 'TransactionRefusedError', type: undefined, owner: undefined, reason: 'foreign' },
  },
  {
    error: new errors.TransactionRolledBackError('pg', 'marked', cause),
    says: ['was rolled back', 'setRollbackOnly()', 'connection refused', 'NESTED'],
    fields: { name: 'TransactionRolledBackError', type: 'pg', reason: 'marked', cause },
  },
  {
    error: new errors.UncleanSessionError('used'),
    says: ['destroyed instead of being lent on', 'whose loan has ended', 'await each query'],
    fields: { name: 'UncleanSessionError', reason: 'used' },
  },
  {
    error: new errors.StatementCancelledError('SELECT 1'),
    says: ['"SELECT 1" was not sent', 'nobody waits for it'],
    fields: { name: 'StatementCancelledError', code: '57014', statement: 'SELECT 1' },
  },
  {
    error: new errors.UncleanSessionError('thrown'),
    says: ['destroyed instead of being lent on', 'has thrown while pg read an answer'],
    fields: { name: 'UncleanSessionError', reason: 'thrown' },
  },
  {
    error: new errors.UncleanSessionError('uncancelled'),
    says: ['destroyed instead of being lent on', 'was not cancelled in time'],
    fields: { name: 'UncleanSessionError', reason: 'uncancelled' },
  },
  {
    error: new errors.PoolExhaustedError('pg', 7, stats, 'Orders.find'),
    says: ['"pg"', 'Orders.find', '7 callers are waiting', STATE, '"maxWaiting"', '"max"'],
    fields: { name: 'PoolExhaustedError', type: 'pg', owner: 'Orders.find', stats, maxWaiting: 7 },
  },
  {
    error: new errors.PoolOverloadedError('pg', 120.4, stats, 'Orders.find'),
    says: ['"pg"', 'Orders.find', '120 ms', STATE, '"max"', '"queue.coDel.target"'],
    fields: { name: 'PoolOverloadedError', type: 'pg', owner: 'Orders.find', stats, waited: 120.4 },
  },
  {
    error: new errors.PoolClosedError('pg', 'Orders.find', stats),
    says: ['"pg"', 'Orders.find', 'shutting down'],
    fields: { name: 'PoolClosedError', type: 'pg', owner: 'Orders.find', stats },
  },
  {
    error: new errors.PoolPausedError('pg', 500, stats, 'Orders.find'),
    says: ['"pg"', 'Orders.find', '500 ms', STATE, 'resume()'],
    fields: { name: 'PoolPausedError', type: 'pg', owner: 'Orders.find', timeout: 500, stats },
  },
  {
    error: new errors.ResourceCreationError('pg', cause, stats, 'Orders.find'),
    says: ['"pg"', 'could not create a resource: connection refused.', 'credentials'],
    fields: { name: 'ResourceCreationError', type: 'pg', owner: 'Orders.find', stats, cause },
  },
  {
    error: new errors.DependencyError(
      'pg',
      'tunnel',
      'degraded',
      new errors.ResourceCreationError('tunnel', cause),
      'Orders.find',
    ),
    says: [
      '"pg" is not available for Orders.find: it depends on "tunnel", which is degraded: connection refused. It',
    ],
    fields: {
      name: 'DependencyError',
      type: 'pg',
      dependency: 'tunnel',
      phase: 'degraded',
      owner: 'Orders.find',
    },
  },
  {
    error: new errors.DependencyError('pg', 'tunnel', undefined),
    says: ['it depends on "tunnel", which is not registered. It'],
    fields: { phase: undefined },
  },
  {
    error: new errors.IllegalTransitionError('stopped', 'starting'),
    says: [
      "The coordinator is stopped, and what is stopped can't become starting.",
      'make a new coordinator',
    ],
    fields: { name: 'IllegalTransitionError', type: undefined, from: 'stopped', to: 'starting' },
  },
  {
    error: new errors.StartTimeoutError('pg', 10, false),
    says: ['"pg" was still starting', '"startTimeout" of the type, 10 ms', '"min"'],
    fields: { name: 'StartTimeoutError', type: 'pg', timeout: 10, whole: false },
  },
  {
    error: new errors.StartTimeoutError('pg', 10, true),
    says: ['"startTimeout" of the coordinator, 10 ms'],
    fields: { whole: true },
  },
  {
    error: new errors.LeaseReleasedError('pg', 'Orders.find'),
    says: ['"pg"', 'Orders.find', 'after its end', 'use()'],
    fields: { name: 'LeaseReleasedError', type: 'pg', owner: 'Orders.find' },
  },
  {
    error: errors.NoLeaseScopeError.forType('pg', 'Orders.find'),
    says: ['"pg" in Orders.find', 'ResourcesModule.forRoot()', 'coordinator.run('],
    fields: { name: 'NoLeaseScopeError', type: 'pg', owner: 'Orders.find' },
  },
  {
    error: errors.NoLeaseScopeError.forType('pg'),
    says: ['no lease scope for "pg": ', 'lease.bind()'],
    fields: { owner: undefined },
  },
  {
    error: errors.NoLeaseScopeError.notAcquired('pg', 'Orders.find'),
    says: ['"pg"', 'Orders.find', 'acquire()'],
    fields: { name: 'NoLeaseScopeError', type: 'pg', owner: 'Orders.find' },
  },
  {
    error: errors.UnknownResourceError.forType('pgg', ['pg', 'redis'], ['Orders (parameter 0)']),
    says: ['"pgg"', 'known: pg, redis', 'Orders (parameter 0) asks for it', '@ResourceFactory("pgg")'],
    fields: { name: 'UnknownResourceError', type: 'pgg', known: ['pg', 'redis'] },
  },
  {
    error: errors.UnknownResourceError.forType('pgg', [], ['A', 'B']),
    says: ['known: none', 'A, B ask for it'],
    fields: { known: [] },
  },
  {
    error: errors.UnknownResourceError.forType('pgg', ['pg']),
    says: ['(known: pg). Check the spelling'],
    fields: { owner: undefined },
  },
  {
    error: errors.UnknownResourceError.forResource(['pg']),
    says: ['neither a lease nor a resource on loan', 'pools: pg'],
    fields: { name: 'UnknownResourceError', type: undefined, known: ['pg'] },
  },
  {
    error: new errors.InvalidOptionsError('pool.max', 'must be at least 1.', 'pg'),
    says: ['"pool.max" must be at least 1.'],
    fields: { name: 'InvalidOptionsError', option: 'pool.max', type: 'pg' },
  },
];

describe('errors', () => {
  it.each(CASES)('$error.name says what happened and what to change: $says', ({ error, says, fields }) => {
    expect(error).toBeInstanceOf(errors.ResourceError);
    for (const text of says) expect(error.message).toContain(text);
    expect(error).toMatchObject(fields);
  });

  const FORGED = `${'a'.repeat(30_000)}\r\n[Nest] LOG all is well`;
  it.each<[string, errors.ResourceError]>([
    ['AcquireAbortedError', new errors.AcquireAbortedError(FORGED, cause, stats, FORGED)],
    ['AcquireTimeoutError', new errors.AcquireTimeoutError(FORGED, 1, stats, FORGED)],
    ['CacheAbortedError', new errors.CacheAbortedError(FORGED, FORGED, cause, FORGED)],
    ['CacheClosedError', new errors.CacheClosedError(FORGED, FORGED, FORGED)],
    ['CacheFullError', new errors.CacheFullError(FORGED, FORGED, 1, FORGED)],
    ['CacheTimeoutError', new errors.CacheTimeoutError(FORGED, FORGED, 1, 'load', FORGED)],
    ['DeadlockError', new errors.DeadlockError(FORGED, forgedCircle(FORGED), stats, FORGED)],
    ['DependencyError', new errors.DependencyError(FORGED, FORGED, 'degraded', new Error(FORGED), FORGED)],
    ['IllegalTransitionError', new errors.IllegalTransitionError('stopped', 'starting', FORGED)],
    ['StartTimeoutError', new errors.StartTimeoutError(FORGED, 1, true)],
    ['InvalidOptionsError', new errors.InvalidOptionsError(FORGED, FORGED, FORGED)],
    ['LeaseReleasedError', new errors.LeaseReleasedError(FORGED, FORGED)],
    ['NoLeaseScopeError of a type', errors.NoLeaseScopeError.forType(FORGED, FORGED)],
    ['NoLeaseScopeError of a key', errors.NoLeaseScopeError.forKey(FORGED, FORGED)],
    ['NoLeaseScopeError of an entry', errors.NoLeaseScopeError.forEntry(FORGED, FORGED)],
    ['NoLeaseScopeError of what was not acquired', errors.NoLeaseScopeError.notAcquired(FORGED, FORGED)],
    ['PoolClosedError', new errors.PoolClosedError(FORGED, FORGED)],
    ['PoolExhaustedError', new errors.PoolExhaustedError(FORGED, 1, stats, FORGED)],
    ['PoolOverloadedError', new errors.PoolOverloadedError(FORGED, 1, stats, FORGED)],
    ['PoolPausedError', new errors.PoolPausedError(FORGED, 1, stats, FORGED)],
    ['ResourceCreationError', new errors.ResourceCreationError(FORGED, new Error(FORGED), stats, FORGED)],
    ['UndeclaredKeyError of a pool', errors.UndeclaredKeyError.forPooled(FORGED, FORGED)],
    ['UndeclaredKeyError of a cached resource', errors.UndeclaredKeyError.forCached(FORGED, FORGED)],
    ['UndeclaredKeyError of an entry', errors.UndeclaredKeyError.forEntry(FORGED, FORGED)],
    ['UnknownResourceError', errors.UnknownResourceError.forType(FORGED, [FORGED], [FORGED])],
    [
      'UnknownResourceError of a cache',
      errors.UnknownResourceError.forCachedType(FORGED, [FORGED], [FORGED]),
    ],
    ['UnknownResourceError of a resource', errors.UnknownResourceError.forResource([FORGED])],
  ])('a name can forge no line of log, and makes no message long: %s', (_, { message }) => {
    expect(message).not.toMatch(/[\r\n]/);
    expect(message.length).toBeLessThan(3_000);
  });

  it('tells of a long chain of dependencies as much as fits', () => {
    const chain = Array.from({ length: 100 }, (_, index) => `t${index}`);
    const last = chain.reduce<unknown>(
      (why, type) => new errors.DependencyError(type, 'next', 'degraded', why),
      cause,
    );
    expect((last as Error).message.length).toBeLessThan(1_000);
  });

  it('has no cause where there is none', () => {
    expect('cause' in new errors.PoolClosedError('pg', 'Orders.find')).toBe(false);
  });

  it('names the root of a failed creation once, not the whole text of the error between', () => {
    const failure = new errors.ResourceCreationError('pg', cause);
    const error = new errors.AcquireTimeoutError('pg', 500, stats, 'Orders.find', failure);
    expect(error.message).toContain('The last attempt to create one failed: connection refused. See');
    expect(error.cause).toBe(failure);
    expect(new errors.AcquireTimeoutError('pg', 1, stats, 'a', cause).message).toContain(
      'connection refused. See',
    );
  });
});

/** The errors of which each tells of the moment, by name. All others tell of a mistake. */
const OF_THE_MOMENT = new Set([
  'AcquireAbortedError',
  'AcquireTimeoutError',
  'CacheAbortedError',
  'CacheClosedError',
  'CacheFullError',
  'CacheTimeoutError',
  'DeadlockError',
  'DependencyError',
  'PoolClosedError',
  'PoolExhaustedError',
  'PoolOverloadedError',
  'PoolPausedError',
  'ProcessorAbortedError',
  'ResourceCreationError',
]);

describe('the answer over HTTP', () => {
  const bases = [errors.ResourceError, errors.UnavailableError];
  const classes = Object.values(errors).filter((each) => !bases.some((base) => base === each));

  it.each(classes)('of %p is 503 if it tells of the moment, and 500 if it tells of a mistake', (each) => {
    const { name, prototype } = each;
    expect(prototype.getStatus()).toBe(OF_THE_MOMENT.has(name) ? 503 : 500);
    expect(prototype instanceof errors.UnavailableError).toBe(OF_THE_MOMENT.has(name));
  });

  it('names the pool that could not lend, and nothing else of what is inside', () => {
    const error = new errors.ResourceCreationError('pg', new Error('password "hunter2" refused'), stats);
    expect(error.getResponse()).toEqual({
      statusCode: 503,
      error: 'ResourceCreationError',
      pool: 'pg',
      message: 'No resource of pool "pg" is available now. Try again later.',
    });
  });

  it('to a mistake is that of Nest to any error', () => {
    expect(new errors.LeaseReleasedError('pg', 'Orders.find').getResponse()).toEqual({
      statusCode: 500,
      message: 'Internal server error',
    });
  });

  it.each([
    ['a second where nothing is suspended', undefined, 1],
    ['a second at least', 20, 1],
    ['the whole seconds for which creation is suspended', 2_400, 3],
    ['a day where creation is suspended for ever: no header can say that', Infinity, 86_400],
  ])('asks the client to come back after %s', (_, suspendedFor, seconds) => {
    const error = new errors.ResourceCreationError('pg', cause, stats, undefined, suspendedFor);
    expect(error.retryAfter).toBe(seconds);
    expect(new errors.PoolClosedError('pg', 'Orders.find').retryAfter).toBe(1);
  });

  it('is no own property: an error is printed without it', () => {
    expect(Object.keys(new errors.PoolClosedError('pg', 'Orders.find'))).toEqual([
      'name',
      'type',
      'stats',
      'owner',
    ]);
  });
});

describe('describeCause', () => {
  it.each<[string, unknown, string]>([
    ['the message of an error', new Error('refused'), 'refused'],
    ['a string', 'refused', 'refused'],
    ['nothing', undefined, 'undefined'],
    ['an object', { status: 503 }, '{ status: 503 }'],
    ['an object without a prototype', Object.create(null), '[Object: null prototype] {}'],
    ['a symbol', Symbol('refused'), 'Symbol(refused)'],
    [
      'the code of an error without a message',
      Object.assign(new AggregateError([new Error('::1'), new Error('127.0.0.1')]), { code: 'ECONNREFUSED' }),
      'ECONNREFUSED',
    ],
    [
      'the errors of an aggregate without message and code',
      new AggregateError([new Error('a'), 'b']),
      'a; b',
    ],
    ['the name of an error with nothing else', new TypeError(), 'TypeError'],
  ])('tells %s', (_, value, text) => {
    expect(describeCause(value)).toBe(text);
  });
});
