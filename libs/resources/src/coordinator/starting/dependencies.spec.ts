import { describe, expect, it } from '@jest/globals';
import { DependencyError } from '../../errors/dependency-error.js';
import { failureOf } from '../../errors/failure-of.fixture.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { ResourceCreationError } from '../../errors/resource-creation-error.js';
import { UnknownResourceError } from '../../errors/unknown-resource-error.js';
import type { Lease } from '../../pool/leases/lease.js';
import { Deferred, Outcome } from '../../pool/deferred.fixture.js';
import { settle } from '../../time/virtual-clock.fixture.js';
import { ONE_TRY } from '../sessions.fixture.js';
import { eventsOfType, Landscape, tellPhases } from './landscape.fixture.js';

const NEVER = new Promise<never>(() => undefined);

describe('the start of types that depend on others', () => {
  it('goes in their order, and side by side where they are independent', async () => {
    const land = new Landscape();
    const [tunnel, api] = [new Deferred(), new Deferred()];
    land.gates.set('tunnel', tunnel.promise).set('api', api.promise);
    const coordinator = land.coordinator({
      resources: {
        pg: land.type('pg', { dependsOn: ['tunnel'] }),
        report: land.type('report', { dependsOn: ['pg', 'api'] }),
        api: land.type('api'),
        tunnel: land.type('tunnel'),
      },
    });
    const told = tellPhases(coordinator);
    const started = new Outcome(coordinator.warmUp());
    await settle();
    expect(land.log).toEqual(['create tunnel', 'create api']);
    expect(coordinator.stats()).toMatchObject({
      phase: 'starting',
      phases: { pg: 'registered', report: 'registered', api: 'starting', tunnel: 'starting' },
    });
    tunnel.resolve();
    await settle();
    expect([land.log.at(-1), coordinator.phaseOf('pg')]).toEqual(['create pg', 'ready']);
    expect(started.state).toBe('pending');
    api.resolve();
    await settle();
    expect([land.log.at(-1), started.state]).toEqual(['create report', 'fulfilled']);
    expect(told.slice(5)).toEqual([
      'coordinator starting',
      'tunnel starting',
      'api starting',
      'tunnel ready',
      'pg starting',
      'pg ready',
      'api ready',
      'report starting',
      'report ready',
      'coordinator ready',
    ]);
    await coordinator.cleanup();
  });

  it('lends nothing of a type whose dependency is still starting, so that nothing of it comes first', async () => {
    const land = new Landscape();
    const tunnel = new Deferred();
    land.gates.set('tunnel', tunnel.promise);
    const coordinator = land.coordinator({
      resources: {
        tunnel: land.type('tunnel'),
        pg: land.type('pg', { dependsOn: ['tunnel'] }),
        report: land.type('report', { dependsOn: ['pg'] }),
      },
      cachedResources: { clients: { create: () => ({}), dependsOn: ['tunnel'] } },
    });
    const started = coordinator.warmUp();
    await settle();
    expect(await failureOf(coordinator.acquire('pg'))).toMatchObject({
      type: 'pg',
      dependency: 'tunnel',
      phase: 'starting',
      message: expect.stringContaining('it depends on "tunnel", which is starting.'),
    });
    expect(await failureOf(coordinator.acquireCached('clients', 'a'))).toBeInstanceOf(DependencyError);
    expect(await failureOf(coordinator.acquire('report'))).toMatchObject({ phase: 'registered' });
    expect(coordinator.tryAcquire('pg')).toBeUndefined();
    expect(land.log).toEqual(['create tunnel']);
    tunnel.resolve();
    await started;
    for (const type of ['pg', 'report']) await coordinator.use(type, () => undefined);
    expect(land.log).toEqual(['create tunnel', 'create pg', 'create report']);
    await coordinator.cleanup();
  });

  it('lends what was asked for before the start, as without one', async () => {
    const land = new Landscape();
    const coordinator = land.coordinator({
      resources: { pg: land.type('pg', { dependsOn: ['tunnel'] }), tunnel: land.type('tunnel') },
    });
    await coordinator.use('pg', () => undefined);
    expect(coordinator.phaseOf('pg')).toBe('registered');
    await coordinator.cleanup();
  });

  it('knows keyed and cached types, too', async () => {
    const land = new Landscape();
    const coordinator = land.coordinator({
      resources: {
        tenants: land.type('tenants', { dependsOn: ['tunnel'] }, { keyed: {} }),
        tunnel: land.type('tunnel'),
      },
      cachedResources: {
        clients: { create: () => ({}), dependsOn: ['tenants'] },
      },
    });
    const told = tellPhases(coordinator);
    await coordinator.warmUp();
    expect(told.filter((line) => line.endsWith('ready'))).toEqual([
      'tunnel ready',
      'tenants ready',
      'clients ready',
      'coordinator ready',
    ]);
    expect(coordinator.stats().phases).toEqual({ clients: 'ready', tenants: 'ready', tunnel: 'ready' });
  });

  it('is refused for a circle, which is printed, and starts nothing', async () => {
    const land = new Landscape();
    const coordinator = land.coordinator({
      resources: {
        api: land.type('api', { dependsOn: ['pg'] }),
        pg: land.type('pg', { dependsOn: ['tunnel'] }),
        tunnel: land.type('tunnel', { dependsOn: ['vpn'] }),
        vpn: land.type('vpn', { dependsOn: ['pg'] }),
      },
    });
    const refused = await failureOf(coordinator.warmUp());
    expect(refused).toBeInstanceOf(InvalidOptionsError);
    expect((refused as Error).message).toMatch(/makes a circle: (\w+) -> \w+ -> \w+ -> \1\. None of them/);
    expect((refused as Error).message).not.toContain('api');
    expect(land.log).toEqual([]);
    expect(coordinator.stats()).toMatchObject({ phase: 'registered', phases: { pg: 'registered' } });
    expect(await coordinator.cleanup()).toMatchObject({ clean: true });
    expect(coordinator.stats().phases).toEqual({
      api: 'stopped',
      pg: 'stopped',
      tunnel: 'stopped',
      vpn: 'stopped',
    });
  });

  it('is refused for a type that depends on itself', async () => {
    const land = new Landscape();
    const coordinator = land.coordinator({ resources: { pg: land.type('pg', { dependsOn: ['pg'] }) } });
    expect(await failureOf(coordinator.warmUp())).toMatchObject({
      option: 'resources.pg.dependsOn',
      message: expect.stringContaining('makes a circle: pg -> pg.'),
    });
  });

  it('is refused for an unknown name, and may be tried again with it', async () => {
    const land = new Landscape();
    const coordinator = land.coordinator({
      resources: { pg: land.type('pg', { dependsOn: ['tunel\n[Nest]', 'tunnel'] }) },
    });
    const refused = await failureOf(coordinator.warmUp());
    expect(refused).toBeInstanceOf(UnknownResourceError);
    expect((refused as Error).message).toContain(
      'No resource type "tunel\\n[Nest]" is registered (known: pg).',
    );
    expect((refused as Error).message).toContain('"dependsOn" of pg asks for it.');
    coordinator.register('tunel\n[Nest]', land.type('tunel'));
    coordinator.register('tunnel', land.type('tunnel'));
    await coordinator.warmUp();
    expect(coordinator.phaseOf('pg')).toBe('ready');
  });

  it('says at once of a type that its dependency has failed, and stops what had started', async () => {
    const land = new Landscape();
    land.failures.set('tunnel', new Error('connection refused'));
    const coordinator = land.coordinator({
      resources: {
        api: land.type('api'),
        report: land.type('report', { dependsOn: ['pg'] }),
        pg: land.type('pg', { dependsOn: ['api', 'tunnel'] }),
        tunnel: land.type('tunnel', { dependsOn: ['api'] }),
      },
    });
    const [pg, report] = [eventsOfType(coordinator, 'pg'), eventsOfType(coordinator, 'report')];
    const told = tellPhases(coordinator);
    const failure = await failureOf(coordinator.warmUp());
    expect(failure).toBeInstanceOf(ResourceCreationError);
    expect(failure).toMatchObject({ type: 'tunnel', cause: land.failures.get('tunnel') });
    expect(pg.map(({ phase }) => phase)).toEqual(['registered', 'failed', 'draining', 'stopped']);
    expect(pg[1].cause).toBeInstanceOf(DependencyError);
    expect(pg[1].cause).toMatchObject({ type: 'pg', dependency: 'tunnel', phase: 'failed' });
    expect((pg[1].cause as Error).message).toBe(
      'Resource type "pg" is not available: it depends on "tunnel", which is failed: connection refused. ' +
        'It comes back by itself when "tunnel" is ready; until then, look at what that connects to.',
    );
    expect((report[1].cause as Error).message).toContain(
      'it depends on "pg", which is failed: it depends on "tunnel", which is failed: connection refused.',
    );
    expect(told.filter((line) => line.startsWith('coordinator'))).toEqual([
      'coordinator registered',
      'coordinator starting',
      'coordinator failed',
      'coordinator draining',
      'coordinator stopped',
    ]);
    expect(land.log).toEqual(['create api', 'create tunnel', 'abort tunnel', 'destroy api']);
    expect(land.clock.running).toBe(0);
  });

  it('aborts what is still starting when one has failed', async () => {
    const land = new Landscape();
    const tunnel = new Deferred();
    land.gates.set('hangs', NEVER).set('tunnel', tunnel.promise);
    land.failures.set('tunnel', new Error('no'));
    const coordinator = land.coordinator({
      resources: {
        api: land.type('api'),
        hangs: land.type('hangs', { dependsOn: ['api'] }),
        tunnel: land.type('tunnel'),
      },
    });
    const started = new Outcome(coordinator.warmUp());
    await settle();
    tunnel.resolve();
    await land.clock.advance(6_000);
    expect(started.error).toMatchObject({ type: 'tunnel' });
    expect(land.log.slice(3)).toEqual(['abort tunnel', 'abort hangs', 'destroy api']);
    expect(coordinator.stats().phase).toBe('stopped');
  });
});

describe('the end of types that depend on others', () => {
  it('goes in the reverse order, within one deadline', async () => {
    const land = new Landscape();
    const coordinator = land.coordinator({
      resources: {
        tunnel: land.type('tunnel'),
        api: land.type('api'),
        pg: land.type('pg', { dependsOn: ['tunnel'] }),
      },
    });
    await coordinator.warmUp();
    const told = tellPhases(coordinator);
    const [ofPg, ofTunnel] = [await coordinator.acquire('pg'), await coordinator.acquire('tunnel')];
    const report = new Outcome(coordinator.cleanup({ deadline: 1_000 }));
    await land.clock.advance(600);
    expect(land.log.slice(3)).toEqual(['destroy api']);
    expect(coordinator.stats().phases).toEqual({ tunnel: 'ready', api: 'stopped', pg: 'draining' });
    await ofPg.release();
    await land.clock.advance(399);
    expect(report.state).toBe('pending');
    await land.clock.advance(1);
    expect(report.value).toMatchObject({ clean: false, held: [{ type: 'tunnel' }], duration: 1_000 });
    expect(ofTunnel.ended).toBe(true);
    expect(land.log.slice(3)).toEqual(['destroy api', 'destroy pg', 'destroy tunnel']);
    expect(told.slice(4)).toEqual([
      'coordinator draining',
      'pg draining',
      'api draining',
      'api stopped',
      'pg stopped',
      'tunnel draining',
      'tunnel stopped',
      'coordinator stopped',
    ]);
  });

  it('is the same for what was used and never started', async () => {
    const land = new Landscape();
    const coordinator = land.coordinator({
      resources: { tunnel: land.type('tunnel'), pg: land.type('pg', { dependsOn: ['tunnel'] }) },
    });
    await coordinator.use('tunnel', () => undefined);
    await coordinator.use('pg', () => undefined);
    await coordinator.cleanup();
    expect(land.log.slice(2)).toEqual(['destroy pg', 'destroy tunnel']);
  });
});

describe('a type that loses its dependency', () => {
  const lost = async (min = 1) => {
    const land = new Landscape();
    const coordinator = land.coordinator({
      resources: {
        tunnel: land.type('tunnel', {}, { min }),
        pg: land.type('pg', { dependsOn: ['tunnel'] }),
        report: land.type('report', { dependsOn: ['pg'] }),
        api: land.type('api'),
        tenants: land.type('tenants', { dependsOn: ['tunnel'] }, { keyed: {}, min: 0 }),
      },
      cachedResources: { clients: { create: () => ({}), dependsOn: ['tunnel'] } },
    });
    await coordinator.warmUp();
    if (min === 0) await coordinator.use('tunnel', () => undefined);
    land.breakDown('tunnel', new Error('no route to host'));
    if (min === 0) await failureOf(coordinator.acquire('tunnel'));
    await land.clock.advance(1_500);
    return { land, coordinator };
  };

  it('is degraded, and so is what depends on it', async () => {
    const { coordinator } = await lost();
    expect(coordinator.stats()).toMatchObject({
      phase: 'degraded',
      phases: {
        tunnel: 'degraded',
        pg: 'degraded',
        report: 'degraded',
        api: 'ready',
        tenants: 'degraded',
        clients: 'degraded',
      },
    });
    await coordinator.cleanup();
  });

  it('refuses new loans with the cause, by whatever call', async () => {
    const { coordinator } = await lost();
    const refusals = [
      coordinator.acquire('pg', { owner: 'nightly' }),
      coordinator.use('pg', () => 1, { owner: 'nightly' }),
      coordinator.run(() => coordinator.acquire('pg'), { owner: 'nightly' }),
      coordinator.acquireAll(['api', 'pg'], { owner: 'nightly' }),
    ];
    for (const refusal of refusals) {
      const error = await failureOf(refusal);
      expect(error).toBeInstanceOf(DependencyError);
      expect(error).toMatchObject({
        type: 'pg',
        dependency: 'tunnel',
        phase: 'degraded',
        cause: { type: 'tunnel', cause: new Error('no route to host') },
        owner: expect.stringContaining('nightly'),
        retryAfter: 1,
      });
      expect((error as Error).message).toMatch(
        /^Resource type "pg" is not available for nightly( \(run\))?: it depends on "tunnel", which is degraded: no route to host\./,
      );
    }
    expect(coordinator.tryAcquire('pg')).toBeUndefined();
    expect(await failureOf(coordinator.acquire('report'))).toMatchObject({ dependency: 'pg' });
    expect(await failureOf(coordinator.acquire('tenants', { key: 'acme' }))).toMatchObject({
      dependency: 'tunnel',
    });
    expect(await failureOf(coordinator.acquireCached('clients', 'acme'))).toBeInstanceOf(DependencyError);
    expect(await coordinator.use('api', () => 'lends')).toBe('lends');
    await coordinator.cleanup();
  });

  it('lets the lost one itself say why it has nothing', async () => {
    const { coordinator } = await lost();
    expect(await failureOf(coordinator.acquire('tunnel'))).toBeInstanceOf(ResourceCreationError);
    await coordinator.cleanup();
  });

  it.each([1, 0])('comes back by itself when it is there again, with a "min" of %i', async (min) => {
    const { land, coordinator } = await lost(min);
    const told = tellPhases(coordinator);
    land.mend('tunnel');
    await land.clock.advance(3_000);
    expect(coordinator.stats()).toMatchObject({ phase: 'ready', phases: { pg: 'ready', clients: 'ready' } });
    expect(told.slice(7)).toEqual(
      [
        'tunnel ready',
        'pg ready',
        'tenants ready',
        'clients ready',
        'report ready',
        'coordinator ready',
      ].toSorted((one, other) => told.indexOf(one) - told.indexOf(other)),
    );
    expect(told.indexOf('tunnel ready')).toBe(7);
    expect(await coordinator.use('pg', () => 'lends')).toBe('lends');
    expect(coordinator.leases()).toEqual([]);
    await coordinator.cleanup();
    expect(land.clock.running).toBe(0);
  });

  it('stays so while it is being tried again', async () => {
    const land = new Landscape();
    const creation = { ...ONE_TRY, breaker: { failures: Infinity } };
    const coordinator = land.coordinator({
      resources: {
        tunnel: land.type('tunnel', {}, { creation }),
        pg: land.type('pg', { dependsOn: ['tunnel'] }),
      },
    });
    await coordinator.warmUp();
    land.breakDown('tunnel');
    await settle();
    land.gates.set('tunnel', NEVER);
    await land.clock.advance(2_000);
    expect(coordinator.stats().pools['tunnel']).toMatchObject({ creating: 1, breaker: 'closed' });
    coordinator.register('other', land.type('other'));
    await settle();
    expect(coordinator.stats().phases).toMatchObject({ tunnel: 'degraded', pg: 'degraded', other: 'ready' });
    const closed = coordinator.cleanup({ deadline: 0 });
    await land.clock.advance(20_000);
    await closed;
  });

  it('tells of each change once, with its cause and how long it took', async () => {
    const { land, coordinator } = await lost();
    const events = eventsOfType(coordinator, 'pg');
    await land.clock.advance(10_000);
    land.mend('tunnel');
    await land.clock.advance(2_000);
    expect(events).toEqual([
      expect.objectContaining({
        type: 'pg',
        phase: 'degraded',
        from: 'ready',
        cause: expect.any(DependencyError),
      }),
      { type: 'pg', phase: 'ready', from: 'degraded', at: expect.any(Date), duration: expect.any(Number) },
    ]);
    expect(events[1].duration).toBeGreaterThan(10_000);
    await coordinator.cleanup();
  });

  it('is well as long as its dependency has anything alive', async () => {
    const land = new Landscape();
    const coordinator = land.coordinator({
      resources: { tunnel: land.type('tunnel'), pg: land.type('pg', { dependsOn: ['tunnel'] }) },
    });
    await coordinator.warmUp();
    const held = await coordinator.acquire('tunnel');
    land.failures.set('tunnel', new Error('no more'));
    expect(await failureOf(coordinator.acquire('tunnel'))).toBeDefined();
    await settle();
    expect(coordinator.phaseOf('pg')).toBe('ready');
    await held.release();
    await coordinator.cleanup();
  });

  it('does so when the dependency is unregistered, until it is registered anew', async () => {
    const land = new Landscape();
    const coordinator = land.coordinator({
      resources: { tunnel: land.type('tunnel'), pg: land.type('pg', { dependsOn: ['tunnel'] }) },
    });
    await coordinator.warmUp();
    const tunnel = eventsOfType(coordinator, 'tunnel');
    await coordinator.unregister('tunnel');
    expect(tunnel.map(({ phase }) => phase)).toEqual(['ready', 'draining', 'stopped']);
    expect(coordinator.stats().phases).toEqual({ pg: 'degraded' });
    expect(() => coordinator.phaseOf('tunnel')).toThrow(UnknownResourceError);
    expect(await failureOf(coordinator.acquire('pg'))).toMatchObject({
      dependency: 'tunnel',
      phase: undefined,
      message: expect.stringContaining('it depends on "tunnel", which is not registered.'),
    });
    coordinator.register('other', land.type('other')); // that pg lacks something is not its concern
    coordinator.register('tunnel', land.type('tunnel'));
    await settle();
    expect(coordinator.stats().phases).toEqual({ pg: 'ready', other: 'ready', tunnel: 'ready' });
    await coordinator.cleanup();
  });
});

describe('a factory', () => {
  it('may hold a lease of what it depends on: it is given back before that is drained', async () => {
    const land = new Landscape();
    const held = new Map<object, Lease<unknown>>();
    const coordinator = land.coordinator({
      resources: {
        pg: {
          ...land.type('pg', { dependsOn: ['tunnel'] }, { min: 2 }),
          create: async () => {
            const session = {};
            held.set(session, await coordinator.acquire('tunnel'));
            return session;
          },
          destroy: async (session: object) => await held.get(session)?.release(),
        },
        tunnel: land.type('tunnel', {}, { max: 2 }),
      },
    });
    await coordinator.warmUp();
    expect(coordinator.leases()).toHaveLength(2);
    expect(await coordinator.cleanup()).toMatchObject({ clean: true, held: [], duration: 0 });
    expect(land.log.filter((line) => line === 'destroy tunnel')).toHaveLength(2);
  });

  it('may register, unregister and close from within, and a listener may, too', async () => {
    const land = new Landscape();
    const coordinator = land.coordinator({
      resources: {
        first: {
          create: () => {
            coordinator.register('made', land.type('made'), { dependsOn: ['first'], min: 1 });
            return {};
          },
          pool: { min: 1 },
        },
      },
    });
    coordinator.lifecycle$.subscribe(({ type, phase }) => {
      if (type === 'made' && phase === 'ready') void coordinator.unregister('made');
      if (type === 'made' && phase === 'stopped') void coordinator.cleanup();
    });
    const told = tellPhases(coordinator);
    await coordinator.warmUp();
    await settle();
    expect(told.slice(2)).toEqual([
      'coordinator starting',
      'first starting',
      'made registered',
      'first ready',
      'made starting',
      'coordinator ready',
      'made ready',
      'made draining',
      'made stopped',
      'coordinator draining',
      'first draining',
      'first stopped',
      'coordinator stopped',
    ]);
  });
});

describe('what is not loaned because of a dependency', () => {
  it('concerns one coordinator only', async () => {
    const [one, other] = [new Landscape(), new Landscape()];
    const [broken, well] = [one, other].map((land) =>
      land.coordinator({
        resources: { tunnel: land.type('tunnel'), pg: land.type('pg', { dependsOn: ['tunnel'] }) },
      }),
    );
    await Promise.all([broken.warmUp(), well.warmUp()]);
    one.breakDown('tunnel');
    await one.clock.advance(1_500);
    expect(broken.phaseOf('pg')).toBe('degraded');
    expect([well.phaseOf('pg'), await well.use('pg', () => 1)]).toEqual(['ready', 1]);
    await Promise.all([broken.cleanup(), well.cleanup()]);
  });
});
