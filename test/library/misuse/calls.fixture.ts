import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { PoolClosedError, ResourceCoordinator, UnknownResourceError } from 'nestjs-resources';
import { create, type Misuse, startWith } from './misuse.fixture.js';
import { untyped } from './untyped.fixture.js';

const coordinator = () =>
  untyped(
    new ResourceCoordinator({ resources: { pg: { create } }, cachedResources: { tenantDb: { create } } }),
  );

class PgFactory {
  create = create;
}

/** Borrows when the application's resources are not lent any more. */
async function borrowInShutdown(): Promise<void> {
  let refused: unknown;
  @Injectable()
  class Journal implements BeforeApplicationShutdown {
    constructor(private readonly resources: ResourceCoordinator) {}

    async beforeApplicationShutdown(): Promise<void> {
      refused = await this.resources
        .use('pg', () => undefined, { owner: 'Journal' })
        .catch((error: unknown) => error);
    }
  }
  await startWith({ resources: { pg: { create } } }, { providers: [Journal] });
  throw refused;
}

/** What the coordinator is asked for. */
export const CALLS: readonly Misuse[] = [
  {
    misuse: "an acquisition of a type that nobody has registered: `acquire('pgg')`",
    attempt: () => coordinator().acquire('pgg'),
    error: UnknownResourceError,
    message:
      'No resource type "pgg" is registered (known: pg). Check the spelling, add it to "resources" of ResourcesModule.forRoot(), or provide a @ResourceFactory("pgg") class.',
    remedy: 'one of the known types',
  },
  {
    misuse: '`acquire()` of a cached type',
    attempt: () => coordinator().acquire('tenantDb'),
    error: UnknownResourceError,
    message:
      'No resource type "tenantDb" is registered (known: pg). It is a cached type: write @CachedResource("tenantDb", key), or acquireCached("tenantDb", key).',
    remedy: "`acquireCached('tenantDb', key)`",
  },
  {
    misuse: '`acquireCached()` of a pooled type',
    attempt: () => coordinator().acquireCached('pg', 'acme'),
    error: UnknownResourceError,
    message:
      'No cached resource type "pg" is registered (known: tenantDb). It is a pooled type: write @PooledResource("pg"), or acquire("pg").',
    remedy: "`acquire('pg')`",
  },
  {
    misuse: "`acquireCached('tenantDb')` without a key",
    attempt: () => coordinator().acquireCached('tenantDb'),
    message: '"key" must be a string; got undefined. Build it from what identifies the value.',
    remedy: 'a key',
  },
  {
    misuse: "`acquire('pg', '5s')`",
    attempt: () => coordinator().acquire('pg', '5s'),
    message: '"options" must be an object; got "5s".',
    remedy: "`acquire('pg', { timeout: '5s' })`",
  },
  {
    misuse: "`acquire('pg', { timeout: 'soon' })`",
    attempt: () => coordinator().acquire('pg', { timeout: 'soon' }),
    message:
      '"timeout" must be milliseconds or a string such as "250ms", "30s", "5m", "1h", "1d", and not negative; got "soon".',
    remedy: "`'500ms'`, or milliseconds",
  },
  {
    misuse: "`acquire('pg', { timeout: 0 })`",
    attempt: () => coordinator().acquire('pg', { timeout: 0 }),
    message: '"timeout" must be more than 0; tryAcquire() never waits.',
    remedy: "`tryAcquire('pg')`",
  },
  {
    misuse: "`acquire('pg', { priority: NaN })`",
    attempt: () => coordinator().acquire('pg', { priority: NaN }),
    message: '"priority" must be a whole number from 0 to 9; got NaN.',
    remedy: 'a whole number from 0 to 9',
  },
  {
    misuse: "`acquire('pg', { owner: 5 })`",
    attempt: () => coordinator().acquire('pg', { owner: 5 }),
    message: '"owner" must be a string; got 5.',
    remedy: 'a string',
  },
  {
    misuse: "the controller in place of its signal: `acquire('pg', { signal: controller })`",
    attempt: () => coordinator().acquire('pg', { signal: new AbortController() }),
    message: '"signal" must be an AbortSignal; got an object.',
    remedy: '`controller.signal`',
  },
  {
    misuse: "a key for a type that has none: `acquire('pg', { key: 'acme' })`",
    attempt: () => coordinator().acquire('pg', { key: 'acme' }),
    message: `"key" can't be used with "pg", which has one pool for all. Give its pool "keyed" to have one for each key.`,
    remedy: '`pool: { keyed: {} }`, or no key',
  },
  {
    misuse: "`use('pg')` without work",
    attempt: () => coordinator().use('pg'),
    message: '"work" must be a function; got undefined.',
    remedy: "`use('pg', (client) => …)`",
  },
  {
    misuse: 'a promise in place of work: `run(report())`',
    attempt: () => coordinator().run(Promise.resolve()),
    message: '"work" must be a function; got an object.',
    remedy: '`run(() => report())`',
  },
  {
    misuse: "`run(work, 'nightly')`",
    attempt: () => coordinator().run(() => undefined, 'nightly'),
    message: '"options" must be an object; got "nightly".',
    remedy: "`run(work, { owner: 'nightly' })`",
  },
  {
    misuse: "`acquireAll('pg')`",
    attempt: () => coordinator().acquireAll('pg'),
    message: '"types" must be an array of resource types; got "pg".',
    remedy: "`acquireAll(['pg'])`",
  },
  {
    misuse: "`acquireAll(['pg', 'pg'])`",
    attempt: () => coordinator().acquireAll(['pg', 'pg']),
    message:
      '"types" names "pg" twice, and two callers that do so could wait for each other. Name each type once.',
    remedy: 'each type once',
  },
  {
    misuse: '`release({})`, which is on loan to nobody',
    attempt: () => coordinator().release({}),
    error: UnknownResourceError,
    message:
      "release() was given something that is neither a lease nor a resource on loan here (pools: pg). Give it the lease that acquire() returned; a lease may be released twice, an object from elsewhere can't.",
    remedy: 'the lease',
  },
  {
    misuse: "`register('pg', factory)` when the type is taken",
    attempt: () => coordinator().register('pg', { create }),
    message:
      '"resources.pg" is registered already, and a type has one factory. Unregister it first, or use reconfigure().',
    remedy: 'another name, or `reconfigure()`',
  },
  {
    misuse: '`register(5, factory)`',
    attempt: () => coordinator().register(5, { create }),
    message: '"type" must be a non-empty string; got 5.',
    remedy: 'a name',
  },
  {
    misuse: "`register('sftp', SftpFactory)`, the class",
    attempt: () => coordinator().register('sftp', PgFactory),
    message:
      '"resources.sftp" must be a factory with a "create" method; got a class. Give it an instance, or decorate the class with @ResourceFactory() or @CachedResourceFactory() and provide it.',
    remedy: '`new SftpFactory()`',
  },
  {
    misuse: "`register('sftp', { create, max: 3 })`",
    attempt: () => coordinator().register('sftp', { create, max: 3 }),
    message: '"resources.sftp.max" is an option of the pool: put it in the argument after the factory.',
    remedy: "`register('sftp', { create }, { max: 3 })`",
  },
  {
    misuse: "`registerCached('users', { create, reset })`",
    attempt: () => coordinator().registerCached('users', { create, reset: create }),
    message:
      '"cachedResources.users.reset" is never called: others may be using the resource. Remove it, or lend the type from a pool, under "resources".',
    remedy: 'remove `reset`',
  },
  {
    misuse: "`reconfigure('pg')` without a change",
    attempt: () => coordinator().reconfigure('pg'),
    message: '"options" must be an object; got undefined.',
    remedy: 'an object',
  },
  {
    misuse: "`reconfigure('pg', { maximum: 3 })`",
    attempt: () => coordinator().reconfigure('pg', { maximum: 3 }),
    message:
      '"maximum" is not an option. Known options: min, minIdle, max, acquireTimeout, idleTimeout, maxLifetime, maxUses, maxLeaseTime, maxWaiting, readiness, reserve, queue, lending, validation, creation, credentials, retirement, sizing, quota, leaks, abandonment, keyed.',
    remedy: '`max`',
  },
  {
    misuse: "`cleanup({ deadline: 'soon' })`",
    attempt: () => coordinator().cleanup({ deadline: 'soon' }),
    message:
      '"deadline" must be milliseconds or a string such as "250ms", "30s", "5m", "1h", "1d", and not negative; got "soon".',
    remedy: "`'10s'`, or milliseconds",
  },
  {
    misuse: "`onDrain('pause')`, which is not a function",
    attempt: () => coordinator().onDrain('pause'),
    message: '"onDrain" needs a function that pauses something; got "pause".',
    remedy: '`onDrain(() => worker.pause())`',
  },
  {
    misuse: "borrowing in a hook of Nest's after `onModuleDestroy`",
    attempt: () => borrowInShutdown(),
    error: PoolClosedError,
    message:
      'Pool "pg" is shutting down and refuses Journal. Acquire before the shutdown begins (in a hook of yours: in onModuleDestroy), or ask another instance.',
    remedy: '`onModuleDestroy`',
  },
];
