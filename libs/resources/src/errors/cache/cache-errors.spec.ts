import { describe, expect, it } from '@jest/globals';
import * as errors from '../index.js';

const cause = new Error('the client hung up');

const CASES: { error: errors.ResourceError; says: string[]; fields: Record<string, unknown> }[] = [
  {
    error: new errors.CacheTimeoutError('tenantDb', 'acme', 500, 'load', 'Orders.find'),
    says: ['"tenantDb"', '"acme"', 'within 500 ms', '"load.timeout"'],
    fields: {
      name: 'CacheTimeoutError',
      type: 'tenantDb',
      key: 'acme',
      timeout: 500,
      waitedFor: 'load',
      owner: 'Orders.find',
    },
  },
  {
    error: new errors.CacheTimeoutError('tenantDb', 'acme', 500, 'room'),
    says: ['"tenantDb"', '"acme"', 'within 500 ms', 'are in use', '"max"', '"lease.timeout"'],
    fields: { waitedFor: 'room', owner: undefined },
  },
  {
    error: new errors.CacheTimeoutError('tenantDb', 'acme', 500, 'validation'),
    says: ['"tenantDb"', '"acme"', 'within 500 ms', '"validate"', '"validation.timeout"', '"lease.timeout"'],
    fields: { waitedFor: 'validation', owner: undefined },
  },
  {
    error: new errors.CacheAbortedError('tenantDb', 'acme', cause, 'Orders.find'),
    says: ['"tenantDb"', '"acme"', 'AbortSignal'],
    fields: { name: 'CacheAbortedError', type: 'tenantDb', key: 'acme', cause, owner: 'Orders.find' },
  },
  {
    error: new errors.CacheFullError('tenantDb', 'acme', 7, 'Orders.find'),
    says: ['"tenantDb"', '"acme"', '7 callers are waiting', '"max"', '"lease.maxWaiting"'],
    fields: { name: 'CacheFullError', type: 'tenantDb', key: 'acme', maxWaiting: 7, owner: 'Orders.find' },
  },
  {
    error: new errors.CacheClosedError('tenantDb', 'acme', 'Orders.find'),
    says: ['"tenantDb"', '"acme"', 'shut down', 'another instance'],
    fields: { name: 'CacheClosedError', type: 'tenantDb', key: 'acme', owner: 'Orders.find' },
  },
  {
    error: new errors.CacheClosedError('tenantDb'),
    says: ['Cache "tenantDb" is shut down and no longer lends.'],
    fields: { key: undefined },
  },
  {
    error: errors.NoLeaseScopeError.forKey('tenantDb', 'nightly (run)'),
    says: ['"tenantDb"', 'nightly (run) belongs to none', 'coordinator.acquireCached("tenantDb", key)'],
    fields: { name: 'NoLeaseScopeError', type: 'tenantDb', owner: 'nightly (run)' },
  },
  {
    error: errors.NoLeaseScopeError.forKey('tenantDb'),
    says: ['the code now running belongs to none'],
    fields: { owner: undefined },
  },
  {
    error: errors.UnknownResourceError.forCachedType('tenant', ['tenantDb'], ['A', 'B']),
    says: [
      'No cached resource type "tenant"',
      'known: tenantDb',
      'A, B ask for it',
      '@CachedResourceFactory("tenant")',
    ],
    fields: { name: 'UnknownResourceError', type: 'tenant', known: ['tenantDb'] },
  },
];

describe('errors of the cache', () => {
  it.each(CASES)('$error.name says what happened and what to change: $says', ({ error, says, fields }) => {
    expect(error).toBeInstanceOf(errors.ResourceError);
    for (const text of says) expect(error.message).toContain(text);
    expect(error).toMatchObject(fields);
  });

  it('show the beginning of a long key', () => {
    const { message } = new errors.CacheClosedError('tenantDb', `${'k'.repeat(60)}rest`);
    expect(message).toContain(`"${'k'.repeat(60)}"… (64 characters)`);
  });
});
