import { describe, expect, it, jest } from '@jest/globals';
import { InvalidBackupError } from '../../errors/invalid-backup-error.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { failureOf } from '../../errors/failure-of.fixture.js';
import { type BackupDocument, seal } from '../../lifecycle/backup/backup-document.js';
import type { PoolOptions } from '../../pool/pool-options.js';
import { ResourceBudget } from '../../pool/sizing/resource-budget.js';
import { VirtualClock } from '../../time/virtual-clock.fixture.js';
import { ResourceCoordinator } from '../resource-coordinator.js';
import { Sessions } from '../sessions.fixture.js';

const stored = (document: BackupDocument): BackupDocument =>
  JSON.parse(JSON.stringify(document)) as BackupDocument;

const withTypes = (types: Record<string, PoolOptions>): ResourceCoordinator => {
  const coordinator = new ResourceCoordinator();
  for (const [type, options] of Object.entries(types))
    coordinator.register(type, new Sessions().definition(), options);
  return coordinator;
};

const maxOf = (coordinator: ResourceCoordinator): (number | undefined)[] =>
  [...coordinator.policies.values()].map(({ max }) => max);

/** Pools that share a budget, from which each can have as much as the others leave. */
const sharing = (units: number, ...minima: number[]) => {
  const budget = new ResourceBudget(units);
  const coordinator = withTypes(
    Object.fromEntries(minima.map((min, index) => [`t${index}`, { min, max: units, quota: { budget } }])),
  );
  const minOf = (): unknown[] => [...coordinator.policies.values()].map(({ min }) => min);
  return { budget, coordinator, minOf };
};

describe('a backup', () => {
  it('is all that is data, and names of all else', async () => {
    const isFatal = (): boolean => true;
    const coordinator = new ResourceCoordinator({
      resources: {
        pg: {
          create: () => ({}),
          dependsOn: ['browser'],
          startTimeout: '2s',
          pool: { max: 3, maxLifetime: Infinity, validation: { isFatal } },
        },
        tenantDb: { create: () => ({}), pool: { keyed: { max: 9 } } },
      },
      cachedResources: {
        browser: {
          create: () => ({}),
          optional: true,
          cache: { max: 2, weigh: () => 1, readiness: 'ignored' },
        },
      },
      cache: { ttl: '1m' },
    });
    await coordinator.reconfigure('pg', { max: 4, factory: { create: () => ({}) } });
    expect(await coordinator.backup()).toEqual({
      schema: 'nestjs-resources/backup@1',
      takenAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.+Z$/),
      resources: [
        {
          type: 'pg',
          origin: expect.any(String),
          version: 2,
          factory: { reference: 'run:pg@2' },
          start: { dependsOn: ['browser'], startTimeout: 2_000 },
          options: { max: 4, maxLifetime: 'Infinity', validation: { isFatal: { reference: 'code:pg' } } },
        },
        {
          type: 'tenantDb',
          origin: expect.any(String),
          version: 1,
          factory: { reference: 'code:tenantDb' },
          start: {},
          options: { keyed: { max: 9 } },
        },
      ],
      cachedResources: [
        {
          type: 'browser',
          factory: { reference: 'code:browser' },
          start: { optional: true },
          options: { max: 2, weigh: { reference: 'code:browser' }, readiness: 'ignored' },
        },
      ],
      cache: { options: { ttl: '1m' } },
      checksum: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
  });

  it.each([
    ['an unknown option', { value: true }, '"value" is not an option'],
    ['a flag that is none', { values: 'yes' }, '"values" must be true or false'],
    ['null', null, '"options" must be an object'],
  ])('refuses %s', async (_, options, problem) => {
    const error = await failureOf(new ResourceCoordinator().backup(options as never));
    expect(error).toBeInstanceOf(InvalidOptionsError);
    expect((error as Error).message).toContain(problem);
  });

  it('of nothing, and of a coordinator at its end, is a backup', async () => {
    const coordinator = withTypes({ a: {} });
    await coordinator.cleanup();
    const document = await coordinator.backup();
    expect(document.resources).toEqual([]);
    expect(await coordinator.restore(document)).toMatchObject({ outcome: 'applied', types: [] });
  });
});

describe('a restore', () => {
  it('brings back all types, and says what it changed and for whom', async () => {
    const coordinator = withTypes({ a: { max: 1 }, b: { max: 2 }, c: { max: 3 } });
    const document = stored(await coordinator.backup());
    await coordinator.reconfigure('a', { max: 5 });
    await coordinator.reconfigure('c', { max: 6, factory: { create: () => ({}) } });
    expect(await coordinator.restore(document, { by: 'ann' })).toEqual({
      outcome: 'applied',
      types: [
        { type: 'a', what: [{ option: 'max', before: 5, after: 1 }], version: 3, outcome: 'applied' },
        { type: 'b', what: [], outcome: 'unchanged' },
        {
          type: 'c',
          what: [
            { option: 'factory', before: '***', after: '***' },
            { option: 'max', before: 6, after: 3 },
          ],
          version: 3,
          outcome: 'applied',
        },
      ],
      untouched: [],
      values: { restored: 0, expired: 0 },
      duration: expect.any(Number),
    });
    expect(maxOf(coordinator)).toEqual([1, 2, 3]);
    expect(coordinator.history('a').at(-1)).toMatchObject({ kind: 'restore', by: 'ann', version: 3 });
    expect(coordinator.history('b')).toHaveLength(1);
  });

  it('can be rolled back, type by type', async () => {
    const coordinator = withTypes({ a: { max: 1 } });
    const document = await coordinator.backup();
    await coordinator.reconfigure('a', { max: 5 });
    await coordinator.restore(document);
    await coordinator.rollback('a');
    expect(maxOf(coordinator)).toEqual([5]);
  });

  it('in a dry run only says what it would do', async () => {
    const coordinator = withTypes({ a: { max: 1 }, b: {} });
    const document = await coordinator.backup({ values: true });
    await coordinator.reconfigure('a', { max: 5 });
    expect(await coordinator.restore(document, { dryRun: true })).toMatchObject({
      outcome: 'planned',
      types: [
        { type: 'a', what: [{ option: 'max', before: 5, after: 1 }], outcome: 'planned' },
        { type: 'b', what: [], outcome: 'unchanged' },
      ],
    });
    expect(maxOf(coordinator)).toEqual([5, undefined]);
    expect(coordinator.history('a')).toHaveLength(2);
    const damaged = { ...document, takenAt: 'today' };
    expect(await failureOf(coordinator.restore(damaged, { dryRun: true }))).toBeInstanceOf(
      InvalidBackupError,
    );
  });

  it('leaves alone, and names, what was registered later', async () => {
    const coordinator = withTypes({ a: {} });
    const document = await coordinator.backup();
    coordinator.register('b', new Sessions().definition(), { max: 7 });
    expect(await coordinator.restore(document)).toMatchObject({ outcome: 'applied', untouched: ['b'] });
    expect(coordinator.policies.get('b')).toMatchObject({ max: 7 });
  });

  it.each([
    ['an unknown option', { dry: true }, '"dry" is not an option'],
    ['a dry run that is none', { dryRun: 1 }, '"dryRun" must be true or false'],
    ['a claim that is no text', { by: {} }, '"by" must be a text'],
  ])('refuses %s', async (_, options, problem) => {
    const coordinator = withTypes({ a: {} });
    const error = await failureOf(coordinator.restore(await coordinator.backup(), options as never));
    expect(error).toBeInstanceOf(InvalidOptionsError);
    expect((error as Error).message).toContain(problem);
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'document'],
    ['null', null, 'document'],
    ['text that was not parsed', '{}', 'document'],
    ['an array', [], 'document'],
    ['an empty object', {}, 'schema'],
    ['a document of another form', { schema: 'nestjs-resources/backup@2' }, 'schema'],
    ['a promise', Promise.resolve({}), 'document'],
    [
      'an object that computes',
      {
        get schema() {
          return 1;
        },
      },
      'schema',
    ],
  ])('refuses %s', async (_, document, path) => {
    const error = await failureOf(new ResourceCoordinator().restore(document));
    expect(error).toBeInstanceOf(InvalidBackupError);
    expect(error).toMatchObject({ path });
  });

  it('reads a document once: what happens to it later has no effect', async () => {
    const coordinator = withTypes({ a: { max: 1 } });
    const document = stored(await coordinator.backup());
    await coordinator.reconfigure('a', { max: 5 });
    const restored = coordinator.restore(document);
    document.resources[0].options['max'] = 9;
    await restored;
    expect(maxOf(coordinator)).toEqual([1]);
  });

  describe('of what there is not', () => {
    it.each<[string, (document: BackupDocument) => void, string, RegExp]>([
      [
        'a type',
        (document) => (document.resources[0].type = 'x'),
        'resources[0].type',
        /no such type is registered here \(known: a\)/,
      ],
      [
        'a type twice',
        (document) => document.resources.push(document.resources[0]),
        'resources[1].type',
        /names "a" twice/,
      ],
      [
        'a cached type',
        (document) => (document.cachedResources[0].type = 'x'),
        'cachedResources[0].type',
        /no such type/,
      ],
      [
        'a factory',
        (document) => (document.resources[0].factory.reference = 'code:b'),
        'resources[0].factory',
        /names nothing/,
      ],
      [
        'a factory of a later version',
        (document) => (document.resources[0].factory.reference = 'run:a@9'),
        'resources[0].factory',
        /version 9 of "a"/,
      ],
      [
        'a factory of a version that is none',
        (document) => (document.resources[0].factory.reference = 'run:a@one'),
        'resources[0].factory',
        /names nothing/,
      ],
      [
        'a cached factory',
        (document) => (document.cachedResources[0].factory.reference = 'run:t@1'),
        'cachedResources[0].factory',
        /names nothing/,
      ],
      [
        'a function',
        (document) => (document.resources[0].options['validation'] = { isFatal: { reference: 'code:a' } }),
        'resources[0].options.validation.isFatal',
        /the code gives nothing/,
      ],
      [
        'a bound that can not be',
        (document) => (document.resources[0].options['min'] = 20),
        'resources[0].options.min',
        /must not be greater than "max"/,
      ],
      [
        'a validation without validate',
        (document) => (document.resources[0].options['validation'] = { onReturn: true }),
        'resources[0].options.validation.onReturn',
        /needs a factory/,
      ],
      [
        'keys where there are none',
        (document) => (document.resources[0].options['keyed'] = {}),
        'resources[0].options.keyed',
        /can't be changed/,
      ],
      [
        'another dependency',
        (document) => (document.resources[0].start = { dependsOn: ['t'] }),
        'resources[0].start.dependsOn',
        /is \["t"\] in the backup and not given here/,
      ],
      [
        'another start of a cached type',
        (document) => (document.cachedResources[0].start.optional = true),
        'cachedResources[0].start.optional',
        /can't be changed while it runs/,
      ],
      [
        'another reserve',
        (document) => (document.resources[0].options['reserve'] = { health: 1 }),
        'resources[0].options.reserve.health',
        /can't be changed while the pool exists/,
      ],
      [
        'another cache',
        (document) => (document.cache.options['max'] = 4),
        'cache.options.max',
        /is 4 in the backup and not given here/,
      ],
      [
        'another cached type',
        (document) => delete document.cachedResources[0].options['max'],
        'cachedResources[0].options.max',
        /is not given in the backup and 3 here/,
      ],
    ])('refuses %s, with the path', async (_, damage, path, problem) => {
      const coordinator = new ResourceCoordinator({
        resources: { a: { create: () => ({}), pool: { max: 10 } } },
        cachedResources: { t: { create: () => ({}), cache: { max: 3 } } },
      });
      const document = stored(await coordinator.backup());
      await coordinator.reconfigure('a', { max: 11 });
      damage(document);
      const error = await failureOf(coordinator.restore(seal(document)));
      expect(error).toBeInstanceOf(InvalidBackupError);
      expect(error).toMatchObject({ path, message: expect.stringMatching(problem) });
      expect(maxOf(coordinator)).toEqual([11]);
    });

    it('refuses keys that are gone, and other bounds of all keys', async () => {
      const coordinator = withTypes({ a: { keyed: { max: 5 } } });
      const document = stored(await coordinator.backup());
      const { keyed: _, ...unkeyed } = document.resources[0].options;
      const without = { ...document, resources: [{ ...document.resources[0], options: unkeyed }] };
      expect(await failureOf(coordinator.restore(seal(without)))).toMatchObject({
        path: 'resources[0].options.keyed',
      });
      document.resources[0].options['keyed'] = { max: 6 };
      expect(await failureOf(coordinator.restore(seal(document)))).toMatchObject({
        path: 'resources[0].options.keyed.max',
      });
    });

    it('refuses a factory that was given at run time in another process, though versions are the same', async () => {
      const [one, other] = [withTypes({ a: {} }), withTypes({ a: {} })];
      for (const coordinator of [one, other])
        await coordinator.reconfigure('a', { factory: new Sessions().definition() });
      const error = await failureOf(other.restore(await one.backup()));
      expect(error).toMatchObject({
        path: 'resources[0].factory',
        message: expect.stringMatching(/another process/),
      });
    });

    it('refuses a factory that is not kept any more', async () => {
      const coordinator = new ResourceCoordinator({ history: 2 });
      coordinator.register('a', new Sessions().definition());
      await coordinator.reconfigure('a', { factory: new Sessions().definition() });
      const document = await coordinator.backup();
      for (const max of [2, 3, 4])
        await coordinator.reconfigure('a', { max, factory: new Sessions().definition() });
      expect(await failureOf(coordinator.restore(document))).toMatchObject({ path: 'resources[0].factory' });
      expect(maxOf(coordinator)).toEqual([4]);
    });
  });

  describe('as one transaction', () => {
    it('undoes what it did when one type fails half-way', async () => {
      const { budget, coordinator, minOf } = sharing(10, 3, 3, 3);
      const document = await coordinator.backup();
      for (const type of ['t0', 't1', 't2']) await coordinator.reconfigure(type, { min: 1 });
      await coordinator.reconfigure('t0', { max: 9 });
      coordinator.register('late', new Sessions().definition(), { min: 4, quota: { budget } });
      const report = await coordinator.restore(document, { by: 'ann' });
      expect(report).toMatchObject({
        outcome: 'rolledBack',
        types: [{ outcome: 'rolledBack' }, { outcome: 'failed' }, { outcome: 'skipped' }],
        cause: expect.any(InvalidOptionsError),
      });
      expect(minOf()).toEqual([1, 1, 1, 4]);
      expect(maxOf(coordinator)).toEqual([9, 10, 10, undefined]);
      expect(coordinator.history('t0').slice(-2)).toMatchObject([
        { kind: 'restore', outcome: 'applied', by: 'ann' },
        { kind: 'restore', outcome: 'applied', by: 'ann' },
      ]);
      expect(coordinator.history('t1').at(-1)).toMatchObject({
        outcome: 'failed',
        cause: 'InvalidOptionsError',
      });
      expect(coordinator.history('t2').at(-1)).toMatchObject({ kind: 'reconfigured' });
    });

    it('finds its order: what is to be smaller makes room in the budget for what is to be larger', async () => {
      const { coordinator, minOf } = sharing(10, 8, 2);
      const document = await coordinator.backup();
      await coordinator.reconfigure('t0', { min: 2 });
      await coordinator.reconfigure('t1', { min: 8 });
      expect(await coordinator.restore(document)).toMatchObject({ outcome: 'applied' });
      expect(minOf()).toEqual([8, 2]);
    });

    it('undoes the types, and the values, when a value fails', async () => {
      const weigh = jest.fn((_value: unknown) => 1);
      const coordinator = new ResourceCoordinator({ cache: { weigh } });
      coordinator.register('a', new Sessions().definition(), { max: 1 });
      await coordinator.cache.put('one', 1, { tags: ['t'] });
      await coordinator.cache.put('two', 2);
      await coordinator.cache.put('three', 3);
      const document = await coordinator.backup({ values: true });
      await coordinator.reconfigure('a', { max: 5 });
      await coordinator.cache.put('one', 'now', { tags: ['u'] });
      await coordinator.cache.delete('two');
      weigh.mockImplementation((value) => {
        if (value === 3) throw new Error('too heavy');
        return 1;
      });
      const report = await coordinator.restore(document);
      expect(report).toMatchObject({ outcome: 'rolledBack', cause: { message: 'too heavy' } });
      expect(maxOf(coordinator)).toEqual([5]);
      expect([coordinator.cache.peek('one'), coordinator.cache.peek('two')]).toEqual(['now', undefined]);
      expect(coordinator.cache.invalidateTags(['u'])).toBe(1);
    });

    it('says that it failed when a value can not be brought back', async () => {
      const weigh = jest.fn((_value: unknown) => 1);
      const coordinator = new ResourceCoordinator({ cache: { weigh } });
      await coordinator.cache.put('one', 1);
      await coordinator.cache.put('two', 2);
      const document = await coordinator.backup({ values: true });
      await coordinator.cache.put('one', 'heavy');
      weigh.mockImplementation((value) => {
        if (value !== 1) throw new Error('too heavy');
        return 1;
      });
      expect(await coordinator.restore(document)).toMatchObject({
        outcome: 'failed',
        cause: { message: 'too heavy' },
      });
    });

    it('asked for twice at once happens one after the other', async () => {
      const coordinator = withTypes({ a: { max: 1 } });
      const first = await coordinator.backup();
      await coordinator.reconfigure('a', { max: 2 });
      const second = await coordinator.backup();
      const reports = await Promise.all([coordinator.restore(first), coordinator.restore(second)]);
      expect(reports.map(({ outcome }) => outcome)).toEqual(['applied', 'applied']);
      expect(maxOf(coordinator)).toEqual([2]);
      expect(coordinator.history('a').map(({ version }) => version)).toEqual([1, 2, 3, 4]);
    });
  });
});

describe('the values of the cache', () => {
  const withCache = () => {
    const clock = new VirtualClock();
    return { clock, coordinator: new ResourceCoordinator({ clock }) };
  };

  it('are in a backup where they are asked for, with what is left of their time', async () => {
    const { clock, coordinator } = withCache();
    const { cache } = coordinator;
    await cache.put('prices', { eur: [1, 2] }, { tags: ['shop'], ttl: 5_000 });
    await cache.put('name', 'x');
    await clock.advance(1_000);
    const now = Date.now();
    const document = await coordinator.backup({ values: true });
    const [prices, name] = document.cache.values ?? [];
    expect(prices).toMatchObject({ key: 'prices', value: { eur: [1, 2] }, tags: ['shop'] });
    expect(Math.abs(Date.parse(prices.expiresAt ?? '') - now - 4_000)).toBeLessThan(1_000);
    expect(name).toEqual({ key: 'name', value: 'x', tags: [], expiresAt: null });
    expect((await coordinator.backup()).cache).toEqual({ options: {} });
  });

  it('that JSON can not hold are left out, and listed', async () => {
    const { coordinator } = withCache();
    await coordinator.cache.put('fine', [null, false, '', 0]);
    await coordinator.cache.put('map', new Map());
    await coordinator.cache.put('inner', { at: { when: new Date() } });
    const document = await coordinator.backup({ values: true });
    expect(document.cache.values?.map(({ key }) => key)).toEqual(['fine']);
    expect(document.cache.omitted).toEqual([
      { key: 'map', reason: 'is not plain data' },
      { key: 'inner', reason: 'at.when is not plain data' },
    ]);
    expect(await coordinator.restore(stored(document))).toMatchObject({
      values: { restored: 1, expired: 0 },
    });
  });

  it('are in a backup only if it can be read again with them', async () => {
    const { coordinator } = withCache();
    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
    const ring: { self?: unknown } = {};
    ring.self = ring;
    await coordinator.cache.put('deep', nested(96));
    await coordinator.cache.put('deeper', nested(97));
    await coordinator.cache.put('ring', Object.freeze(ring));
    await coordinator.cache.put('frozen', Object.freeze({ of: Object.freeze([1]) }));
    const document = await coordinator.backup({ values: true });
    expect(document.cache.values?.map(({ key }) => key)).toEqual(['deep', 'frozen']);
    expect(document.cache.omitted?.map(({ key }) => key)).toEqual(['deeper', 'ring']);
    await coordinator.cache.clear();
    expect(await coordinator.restore(stored(document))).toMatchObject({ values: { restored: 2 } });
    expect(coordinator.cache.peek('deep')).toEqual(nested(96));
  });

  it('come back as they were, for as long as they had to live', async () => {
    const { clock, coordinator } = withCache();
    await coordinator.cache.put('prices', { eur: 1 }, { tags: ['shop'], ttl: 5_000 });
    const document = stored(await coordinator.backup({ values: true }));
    await coordinator.cache.clear();
    await coordinator.cache.put('later', 1);
    expect(await coordinator.restore(document)).toMatchObject({ values: { restored: 1, expired: 0 } });
    expect(coordinator.cache.peek('prices')).toEqual({ eur: 1 });
    expect(coordinator.cache.peek('later')).toBe(1);
    await clock.advance(5_001);
    expect(coordinator.cache.peek('prices')).toBeUndefined();
  });

  it('that have outlived their time stay out', async () => {
    const { coordinator } = withCache();
    await coordinator.cache.put('prices', 1, { ttl: 5_000 });
    const document = await coordinator.backup({ values: true });
    await coordinator.cache.clear();
    const now = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 6_000);
    expect(await coordinator.restore(document)).toMatchObject({ values: { restored: 0, expired: 1 } });
    now.mockRestore();
    expect(coordinator.cache.peek('prices')).toBeUndefined();
  });

  it('are no resources: what is lent stays out, unlisted', async () => {
    const { coordinator } = withCache();
    const lease = await coordinator.cache.lease('browser', () => ({}));
    const { values, omitted } = (await coordinator.backup({ values: true })).cache;
    expect([values, omitted]).toEqual([[], []]);
    await lease.release();
  });
});
