import { describe, expect, it } from '@jest/globals';
import { DependencyError } from '../../errors/dependency-error.js';
import { failureOf } from '../../errors/failure-of.fixture.js';
import { ResourceCreationError } from '../../errors/resource-creation-error.js';
import { StartTimeoutError } from '../../errors/start-timeout-error.js';
import { Deferred, Outcome } from '../../pool/deferred.fixture.js';
import { settle } from '../../time/virtual-clock.fixture.js';
import { eventsOfType, Landscape, tellPhases } from './landscape.fixture.js';

const NEVER = new Promise<never>(() => undefined);

describe('an optional type', () => {
  it('that cannot start lets the application start degraded, and is tried again until it can', async () => {
    const land = new Landscape();
    land.failures.set('search', new Error('connection refused'));
    const coordinator = land.coordinator({
      resources: { pg: land.type('pg'), search: land.type('search', { optional: true }) },
    });
    const [search, all] = [eventsOfType(coordinator, 'search'), eventsOfType(coordinator)];
    await coordinator.warmUp();
    expect(coordinator.stats()).toMatchObject({
      phase: 'degraded',
      phases: { pg: 'ready', search: 'degraded' },
    });
    expect(search.at(-1)).toMatchObject({ phase: 'degraded', from: 'starting' });
    expect(search.at(-1)?.cause).toBeInstanceOf(ResourceCreationError);
    expect(all.at(-1)).toMatchObject({ phase: 'degraded', from: 'starting', cause: search.at(-1)?.cause });
    await land.clock.advance(5_000);
    expect(coordinator.phaseOf('search')).toBe('degraded');
    land.mend('search');
    await land.clock.advance(2_000);
    expect(coordinator.stats()).toMatchObject({ phase: 'ready', phases: { search: 'ready' } });
    expect(search.map(({ phase }) => phase)).toEqual(['registered', 'starting', 'degraded', 'ready']);
    await coordinator.cleanup();
    expect([land.alive.size, land.clock.running]).toEqual([0, 0]);
  });

  it('that cannot start is lent when it can be made for the caller', async () => {
    const land = new Landscape();
    land.failures.set('search', new Error('connection refused'));
    const coordinator = land.coordinator({ resources: { search: land.type('search', { optional: true }) } });
    await coordinator.warmUp();
    expect(await failureOf(coordinator.acquire('search'))).toBeInstanceOf(ResourceCreationError);
    land.mend('search');
    expect(await coordinator.use('search', () => 'lends')).toBe('lends');
    await land.clock.advance(1_000);
    expect(coordinator.phaseOf('search')).toBe('ready');
    await coordinator.cleanup();
  });

  it('is started when what it depends on can be', async () => {
    const land = new Landscape();
    land.failures.set('tunnel', new Error('no route'));
    const coordinator = land.coordinator({
      resources: {
        search: land.type('search', { optional: true, dependsOn: ['tunnel'] }),
        tunnel: land.type('tunnel', { optional: true }),
      },
    });
    const search = eventsOfType(coordinator, 'search');
    await coordinator.warmUp();
    expect(coordinator.stats().phases).toEqual({ search: 'degraded', tunnel: 'degraded' });
    expect(land.log).not.toContain('create search');
    expect(await failureOf(coordinator.acquire('search'))).toBeInstanceOf(DependencyError);
    land.mend('tunnel');
    await land.clock.advance(2_000);
    expect(coordinator.stats()).toMatchObject({ phase: 'ready', phases: { search: 'ready' } });
    expect(land.log.filter((line) => line === 'create search')).toHaveLength(1);
    expect(search.map(({ phase }) => phase)).toEqual(['registered', 'degraded', 'ready']);
    await coordinator.cleanup();
  });

  it('that is not there fails the start of one that needs it and is not optional', async () => {
    const land = new Landscape();
    land.failures.set('tunnel', new Error('no route'));
    const coordinator = land.coordinator({
      resources: {
        api: land.type('api'),
        pg: land.type('pg', { dependsOn: ['tunnel'] }),
        tunnel: land.type('tunnel', { optional: true }),
      },
    });
    const failure = await failureOf(coordinator.warmUp());
    expect(failure).toBeInstanceOf(DependencyError);
    expect(failure).toMatchObject({ type: 'pg', dependency: 'tunnel', phase: 'degraded' });
    expect(coordinator.stats().phase).toBe('stopped');
    expect(land.alive.size).toBe(0);
  });

  it('is tried no more when all is closed', async () => {
    const land = new Landscape();
    land.failures.set('search', new Error('connection refused'));
    const coordinator = land.coordinator({ resources: { search: land.type('search', { optional: true }) } });
    await coordinator.warmUp();
    await coordinator.cleanup();
    const { length } = land.log;
    await land.clock.advance(60_000);
    expect(land.log).toHaveLength(length);
    expect(land.clock.running).toBe(0);
  });
});

describe('the time of a start', () => {
  it("is limited by the type's own startTimeout, from when its dependencies are ready", async () => {
    const land = new Landscape();
    const tunnel = new Deferred();
    land.gates.set('tunnel', tunnel.promise).set('pg', NEVER);
    const coordinator = land.coordinator({
      resources: {
        tunnel: land.type('tunnel'),
        pg: land.type('pg', { dependsOn: ['tunnel'], startTimeout: '2s' }),
      },
    });
    const started = new Outcome(coordinator.warmUp());
    await land.clock.advance(5_000);
    tunnel.resolve();
    await land.clock.advance(1_999);
    expect([started.state, coordinator.phaseOf('pg')]).toEqual(['pending', 'starting']);
    await land.clock.advance(6_000);
    expect(started.error).toBeInstanceOf(StartTimeoutError);
    expect(started.error).toMatchObject({ type: 'pg', timeout: 2_000, whole: false });
    expect(land.log).toEqual(['create tunnel', 'create pg', 'abort pg', 'destroy tunnel']);
    expect(land.clock.running).toBe(0);
  });

  it('is limited for all together by that of the coordinator', async () => {
    const land = new Landscape();
    land.gates.set('pg', NEVER);
    const coordinator = land.coordinator({
      resources: {
        tunnel: land.type('tunnel'),
        pg: land.type('pg', { dependsOn: ['tunnel'] }),
        report: land.type('report', { dependsOn: ['pg'] }),
      },
      startTimeout: '3s',
    });
    const events = eventsOfType(coordinator);
    const started = new Outcome(coordinator.warmUp());
    await land.clock.advance(8_100);
    expect(started.error).toBeInstanceOf(StartTimeoutError);
    expect(started.error).toMatchObject({ type: 'pg', timeout: 3_000, whole: true });
    expect(events.find(({ phase }) => phase === 'failed')).toMatchObject({ duration: 3_000 });
    expect(land.log).toEqual(['create tunnel', 'create pg', 'abort pg', 'destroy tunnel']);
  });

  it('leaves an optional one degraded, which becomes ready when it has started after all', async () => {
    const land = new Landscape();
    const search = new Deferred();
    land.gates.set('search', search.promise);
    const coordinator = land.coordinator({
      resources: { search: land.type('search', { optional: true }) },
      startTimeout: '3s',
    });
    const events = eventsOfType(coordinator, 'search');
    const started = new Outcome(coordinator.warmUp());
    await land.clock.advance(3_000);
    expect([started.state, coordinator.phaseOf('search')]).toEqual(['fulfilled', 'degraded']);
    expect(events.at(-1)?.cause).toBeInstanceOf(StartTimeoutError);
    search.resolve();
    await settle();
    expect(coordinator.phaseOf('search')).toBe('ready');
    expect(land.log).toEqual(['create search']);
    await coordinator.cleanup();
  });

  it.each([Infinity, '30d'])('may be as long as one likes: %p', async (startTimeout) => {
    const land = new Landscape();
    const pg = new Deferred();
    land.gates.set('pg', pg.promise);
    const coordinator = land.coordinator({
      resources: { pg: land.type('pg', { startTimeout }, { creation: { timeout: Infinity } }) },
      startTimeout,
    });
    const started = new Outcome(coordinator.warmUp());
    await land.clock.advance(86_400_000);
    expect(started.state).toBe('pending');
    pg.resolve();
    await settle();
    expect(started.state).toBe('fulfilled');
    await coordinator.cleanup();
  });
});

describe('a start', () => {
  it('that is closed meanwhile ends what had started, once, and says so', async () => {
    const land = new Landscape();
    land.gates.set('pg', NEVER);
    const coordinator = land.coordinator({
      resources: { tunnel: land.type('tunnel'), pg: land.type('pg', { dependsOn: ['tunnel'] }) },
    });
    const told = tellPhases(coordinator);
    const started = new Outcome(coordinator.warmUp());
    await settle();
    const closed = [coordinator.cleanup({ deadline: 0 }), coordinator.cleanup()].map(
      (closing) => new Outcome(closing),
    );
    await land.clock.advance(6_000);
    expect(closed.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled']);
    expect(started.error).toMatchObject({ name: 'PoolClosedError', type: 'pg' });
    expect(land.log).toEqual(['create tunnel', 'create pg', 'abort pg', 'destroy tunnel']);
    expect(told).not.toContain('coordinator failed');
    expect(told.at(-1)).toBe('coordinator stopped');
    expect(land.clock.running).toBe(0);
  });

  it('happens once, however often it is asked for, and not after the end', async () => {
    const land = new Landscape();
    const coordinator = land.coordinator({ resources: { pg: land.type('pg') } });
    await Promise.all([coordinator.warmUp(), coordinator.warmUp()]);
    await coordinator.warmUp();
    expect(land.log).toEqual(['create pg']);
    await coordinator.cleanup();
    expect(await failureOf(coordinator.warmUp())).toMatchObject({
      name: 'IllegalTransitionError',
      from: 'stopped',
      to: 'starting',
      type: undefined,
    });
  });

  it('that a listener ends stops at once', async () => {
    const land = new Landscape();
    const coordinator = land.coordinator({
      resources: { tunnel: land.type('tunnel'), pg: land.type('pg', { dependsOn: ['tunnel'] }) },
    });
    coordinator.lifecycle$.subscribe(({ type, phase }) => {
      if (type === 'tunnel' && phase === 'ready') void coordinator.cleanup();
    });
    const started = new Outcome(coordinator.warmUp());
    await settle();
    expect(started.error).toMatchObject({ name: 'PoolClosedError', type: 'pg' });
    expect(land.log).toEqual(['create tunnel', 'destroy tunnel']);
  });

  it('checks the stores of the cache within the same time', async () => {
    const land = new Landscape();
    const hangs = { set: () => NEVER, get: () => NEVER, delete: () => NEVER, setRaw: 1, getRaw: 1 };
    const coordinator = land.coordinator({ resources: { pg: land.type('pg') }, startTimeout: '1s' });
    Object.defineProperty(coordinator.cache, 'check', { value: () => hangs.set() });
    const started = new Outcome(coordinator.warmUp());
    await land.clock.advance(1_100);
    expect(started.error).toMatchObject({ name: 'StartTimeoutError', type: 'cache' });
    expect(land.log).toEqual(['create pg', 'destroy pg']);
  });
});
