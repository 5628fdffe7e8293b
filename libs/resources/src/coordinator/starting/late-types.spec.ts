import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from '@jest/globals';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { UnknownResourceError } from '../../errors/unknown-resource-error.js';
import { Deferred } from '../../pool/deferred.fixture.js';
import { settle } from '../../time/virtual-clock.fixture.js';
import { eventsOfType, Landscape, tellPhases } from './landscape.fixture.js';

const started = async () => {
  const land = new Landscape();
  const coordinator = land.coordinator({ resources: { tunnel: land.type('tunnel') } });
  await coordinator.warmUp();
  return { land, coordinator };
};

describe('a type that is registered when all have started', () => {
  it('starts by itself', async () => {
    const { land, coordinator } = await started();
    const told = tellPhases(coordinator);
    coordinator.register('pg', land.type('pg'), { dependsOn: ['tunnel'], min: 2 });
    coordinator.registerCached('clients', { create: () => ({}) }, { dependsOn: ['pg'], max: 5 });
    expect(coordinator.phaseOf('pg')).toBe('registered');
    await settle();
    expect(told.slice(2)).toEqual([
      'pg registered',
      'clients registered',
      'pg starting',
      'pg ready',
      'clients starting',
      'clients ready',
    ]);
    expect(coordinator.stats()).toMatchObject({ phase: 'ready', pools: { pg: { idle: 2 } } });
    expect(coordinator.policies.get('pg')).toEqual({ min: 2 });
    await coordinator.cleanup();
    expect(land.log.slice(-3)).toEqual(['destroy pg', 'destroy pg', 'destroy tunnel']);
  });

  it('does so on neutral ground', async () => {
    const { land, coordinator } = await started();
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    storage.run('a request', () => {
      coordinator.register('pg', { create: () => (seen.push(storage.getStore()), {}) }, { min: 1 });
      coordinator.lifecycle$.subscribe(() => seen.push(storage.getStore()));
    });
    await settle();
    expect(new Set(seen)).toEqual(new Set([undefined]));
    expect(seen.length).toBeGreaterThan(3);
    expect(land.log).toEqual(['create tunnel']);
  });

  it('is degraded, and tried again, when it cannot: nobody waits for it', async () => {
    const { land, coordinator } = await started();
    land.failures.set('pg', new Error('no'));
    coordinator.register('pg', land.type('pg'), { min: 1 });
    const events = eventsOfType(coordinator, 'pg');
    await settle();
    await land.clock.advance(1_000);
    expect(coordinator.stats()).toMatchObject({ phase: 'degraded', phases: { pg: 'degraded' } });
    land.mend('pg');
    await land.clock.advance(3_000);
    expect(coordinator.stats()).toMatchObject({ phase: 'ready', phases: { pg: 'ready' } });
    expect(events.map(({ phase }) => phase)).toEqual(['registered', 'starting', 'degraded', 'ready']);
    await coordinator.cleanup();
  });

  it('is refused when it depends on an unknown one, or in a circle, and then nothing has changed', async () => {
    const { land, coordinator } = await started();
    const register = (dependsOn: string[]) => () =>
      coordinator.register('pg', land.type('pg'), { dependsOn });
    expect(register(['tunel'])).toThrow(UnknownResourceError);
    expect(register(['pg'])).toThrow('"resources.pg.dependsOn" makes a circle: pg -> pg.');
    const both = { a: land.type('a', { dependsOn: ['b'] }), b: land.type('b', { dependsOn: ['a'] }) };
    expect(() => coordinator.registerAll(both, 'forFeature')).toThrow(
      /"forFeature\.(a|b)\.dependsOn" makes a circle/,
    );
    expect(() =>
      coordinator.registerCached('clients', { create: () => ({}) }, { dependsOn: ['nothing'] }),
    ).toThrow(UnknownResourceError);
    expect([
      coordinator.stats().phases,
      [...coordinator.pools.keys()],
      coordinator.cachedResources.size,
    ]).toEqual([{ tunnel: 'ready' }, ['tunnel'], 0]);
    coordinator.registerAll({
      a: land.type('a', { dependsOn: ['b'] }),
      b: land.type('b', { dependsOn: ['tunnel'] }),
    });
    await settle();
    expect(coordinator.stats().phases).toEqual({ tunnel: 'ready', a: 'ready', b: 'ready' });
  });

  it('waits for one that is starting', async () => {
    const { land, coordinator } = await started();
    const gate = new Deferred();
    land.gates.set('pg', gate.promise);
    coordinator.register('pg', land.type('pg'), { min: 1 });
    coordinator.register('report', land.type('report'), { min: 1, dependsOn: ['pg'] });
    await settle();
    expect(coordinator.stats().phases).toMatchObject({ pg: 'starting', report: 'registered' });
    gate.resolve();
    await settle();
    expect(coordinator.stats().phases).toMatchObject({ pg: 'ready', report: 'ready' });
    await coordinator.cleanup();
  });

  it('may be unregistered while it starts, and registered again', async () => {
    const { land, coordinator } = await started();
    land.gates.set('pg', new Promise(() => undefined));
    coordinator.register('pg', land.type('pg'), { min: 1 });
    const events = eventsOfType(coordinator, 'pg');
    await settle();
    const gone = coordinator.unregister('pg');
    await land.clock.advance(15_000);
    await gone;
    expect(events.map(({ phase }) => phase)).toEqual(['registered', 'starting', 'draining', 'stopped']);
    land.gates.delete('pg');
    coordinator.register('pg', land.type('pg'), { min: 1 });
    await settle();
    expect(coordinator.phaseOf('pg')).toBe('ready');
    await coordinator.cleanup();
  });
});

describe('a pooled and a cached type of one name', () => {
  it('have one life, which ends with the last of them', async () => {
    const land = new Landscape();
    const coordinator = land.coordinator({
      resources: { pg: land.type('pg', { dependsOn: ['tunnel'] }), tunnel: land.type('tunnel') },
      cachedResources: { pg: { create: () => ({}), dependsOn: ['api'] }, api: { create: () => ({}) } },
    });
    const told = tellPhases(coordinator);
    await coordinator.warmUp();
    expect(coordinator.stats().phases).toEqual({ pg: 'ready', api: 'ready', tunnel: 'ready' });
    await Promise.all([coordinator.unregister('pg'), coordinator.unregister('pg')]);
    expect(coordinator.phaseOf('pg')).toBe('ready');
    coordinator.register('pg', land.type('pg'), { min: 1 });
    await settle();
    expect(land.log.filter((line) => line === 'create pg')).toHaveLength(2);
    await coordinator.cleanup();
    expect(told.filter((line) => line.startsWith('pg'))).toEqual([
      'pg registered',
      'pg starting',
      'pg ready',
      'pg draining',
      'pg stopped',
    ]);
  });
});

describe('options of the start', () => {
  it.each([
    [{ dependsOn: 'tunnel' }, '"resources.pg.dependsOn" must be an array of resource types'],
    [{ dependsOn: [1] }, '"resources.pg.dependsOn" must be an array of resource types'],
    [
      { dependsOn: null },
      '"resources.pg.dependsOn" must be an array of resource types, such as ["tunnel"]; got null.',
    ],
    [{ optional: 'yes' }, '"resources.pg.optional" must be true or false; got "yes".'],
    [{ startTimeout: 0 }, '"resources.pg.startTimeout" must be more than 0'],
    [{ startTimeout: 'soon' }, '"resources.pg.startTimeout" must be milliseconds or a string'],
  ])('that cannot work are refused by name, in a definition and beside a factory: %p', (options, message) => {
    const land = new Landscape();
    const definition = { create: () => ({}), ...options } as never;
    expect(() => land.coordinator({ resources: { pg: definition } })).toThrow(message);
    const coordinator = land.coordinator();
    expect(() => coordinator.register('pg', { create: () => ({}) }, options as never)).toThrow(
      InvalidOptionsError,
    );
    expect(() => coordinator.register('pg', { create: () => ({}) }, options as never)).toThrow(message);
    const inCache = message.replace('resources.', 'cachedResources.');
    expect(() => land.coordinator({ cachedResources: { pg: definition } })).toThrow(inCache);
    expect(coordinator.stats().phases).toEqual({});
  });

  it('that can not even be read are refused', () => {
    const { proxy, revoke } = Proxy.revocable<string[]>([], {});
    revoke();
    const coordinator = new Landscape().coordinator();
    expect(() => coordinator.register('pg', { create: () => ({}) }, { dependsOn: proxy })).toThrow(
      '"resources.pg.dependsOn" must be an array of resource types, such as ["tunnel"]; got an object.',
    );
  });

  it('stand beside the options of the pool, not among them, and in no factory that has them apart', () => {
    const land = new Landscape();
    const misplaced = { create: () => ({}), pool: { dependsOn: ['tunnel'] } } as never;
    expect(() => land.coordinator({ resources: { pg: misplaced } })).toThrow(
      '"resources.pg.pool.dependsOn" is not an option.',
    );
    const apart = { create: () => ({}), optional: true };
    expect(() => land.coordinator().register('pg', apart)).toThrow(
      '"resources.pg.optional" is an option of its start: put it in the argument after the factory.',
    );
  });

  it('name what a pair of the same names are once', async () => {
    const land = new Landscape();
    const coordinator = land.coordinator({
      resources: { pg: land.type('pg', { dependsOn: ['tunnel', 'tunnel'] }), tunnel: land.type('tunnel') },
    });
    await coordinator.warmUp();
    expect(coordinator.phaseOf('pg')).toBe('ready');
  });
});
