import { describe, expect, it } from '@jest/globals';
import { compile, create, refuse, start } from './health-bench.fixture.js';

const ONE_TRY = { retry: { attempts: 1 } };

describe('live, ready and startup', () => {
  it('say that a busy application is alive, ready and started, and take nothing for it', async () => {
    const { coordinator, indicator, health } = await start({
      resources: { session: { create, pool: { max: 2, acquireTimeout: '1h' } } },
    });
    const leases = [await coordinator.acquire('session'), await coordinator.acquire('session')];
    const waiting = Array.from({ length: 1_000 }, () => coordinator.acquire('session'));
    const before = coordinator.stats();
    const reports = await Promise.all([
      health.check([() => indicator.live()]),
      health.check([() => indicator.startup()]),
      health.check([() => indicator.ready()]),
    ]);
    expect(reports.map(({ status }) => status)).toEqual(['ok', 'ok', 'degraded']);
    expect(reports[2].details).toMatchObject({
      resources: { status: 'up', phase: 'ready' },
      session: { status: 'degraded', reason: 'callers are waiting', pending: 1_000, leased: 2 },
    });
    expect(coordinator.stats()).toEqual(before);
    for (const lease of leases) void lease.release();
    for (const coming of waiting) void (await coming).release();
  });

  it('are of all types unless some are named', async () => {
    const { indicator } = await start({
      resources: { pg: { create }, sftp: { create, pool: { keyed: {} } } },
      cachedResources: { search: { create } },
    });
    const all = ['resources', 'pg', 'sftp', 'search'];
    expect(Object.keys(await indicator.ready())).toEqual(all);
    expect(Object.keys(await indicator.startup())).toEqual(all);
    expect(Object.keys(await indicator.ready('search', 'pg'))).toEqual(['resources', 'search', 'pg']);
    expect(Object.keys(await indicator.live())).toEqual(['resources']);
  });

  it('show the worse of a pooled and a cached type of one name, and of a type that is called as the coordinator is', async () => {
    const { coordinator, indicator } = await start({
      resources: { tenantDb: { create }, resources: { create } },
      cachedResources: { tenantDb: { create } },
    });
    expect(await indicator.ready('tenantDb')).toMatchObject({
      tenantDb: { status: 'up', breaker: 'closed' },
    });
    await coordinator.cachedResources.get('tenantDb')?.close();
    coordinator.pools.get('resources')?.pause();
    expect(await indicator.ready()).toMatchObject({
      tenantDb: { status: 'down', reason: 'closed' },
      resources: { status: 'down', reason: 'paused' },
    });
  });

  it('tell of a type with any name', async () => {
    const { coordinator, indicator } = await start({});
    const names = ['constructor', 'a\n"b', '0'];
    for (const name of names) coordinator.register(name, { create });
    const report = await indicator.ready();
    expect(Object.keys(report).toSorted()).toEqual(['resources', ...names].toSorted());
  });

  it('are up when there is nothing at all', async () => {
    const { indicator } = await start({});
    const resources = { status: 'up', phase: 'ready' };
    expect(await indicator.live()).toEqual({ resources });
    expect(await indicator.ready()).toEqual({ resources });
    expect(await indicator.startup()).toEqual({ resources });
  });
});

describe('before the start is over', () => {
  it('the process is alive, and neither ready nor started', async () => {
    const { indicator } = await compile({ resources: { pg: { create } } });
    expect(await indicator.live()).toEqual({ resources: { status: 'up', phase: 'registered' } });
    const resources = { status: 'down', reason: 'registered', phase: 'registered' };
    expect(await indicator.ready()).toMatchObject({ resources });
    expect(await indicator.startup('pg')).toEqual({ resources, pg: resources });
  });
});

describe('while the application drains', () => {
  it('it is alive and has started, and is not ready, although its pools still lend', async () => {
    const { coordinator, indicator } = await start({ resources: { pg: { create } } });
    coordinator.startDraining();
    expect(await indicator.ready('pg')).toMatchObject({
      resources: { status: 'down', reason: 'draining', phase: 'draining' },
      pg: { status: 'up' },
    });
    expect(await indicator.live()).toEqual({ resources: { status: 'up', phase: 'draining' } });
    expect(await indicator.startup('pg')).toMatchObject({
      resources: { status: 'up' },
      pg: { status: 'up' },
    });
  });
});

describe('live', () => {
  it('is up while nothing works', async () => {
    const { coordinator, indicator } = await start({
      resources: { pg: { create: refuse, pool: { creation: ONE_TRY } } },
    });
    await expect(coordinator.acquire('pg')).rejects.toThrow('connection refused');
    expect(await indicator.ready()).toMatchObject({ pg: { status: 'down' } });
    expect(await indicator.live()).toEqual({ resources: { status: 'up', phase: 'degraded' } });
    await coordinator.cleanup();
    expect(await indicator.live()).toEqual({ resources: { status: 'up', phase: 'stopped' } });
  });
});

describe('readiness: ignored', () => {
  it('of a pool that is down is degraded, and says why', async () => {
    const pool = { creation: ONE_TRY, readiness: 'ignored' } as const;
    const { coordinator, indicator, health } = await start({ resources: { pg: { create: refuse, pool } } });
    await expect(coordinator.acquire('pg')).rejects.toThrow('connection refused');
    const report = await health.check([() => indicator.ready('pg')]);
    expect(report).toMatchObject({
      status: 'degraded',
      details: { pg: { status: 'degraded', reason: 'cannot create', readiness: 'ignored' } },
    });
  });

  it('of a keyed and of a cached type is degraded, too, and says why', async () => {
    const { coordinator, indicator } = await start({
      resources: { tenantPg: { create, pool: { keyed: {}, readiness: 'ignored' } } },
      cachedResources: { search: { create, cache: { readiness: 'ignored' } } },
    });
    coordinator.pools.get('tenantPg')?.pause();
    await coordinator.cachedResources.get('search')?.close();
    expect(await indicator.ready()).toMatchObject({
      tenantPg: { status: 'degraded', reason: 'paused', readiness: 'ignored' },
      search: { status: 'degraded', reason: 'closed', readiness: 'ignored' },
    });
  });

  it('can be chosen at run time', async () => {
    const { coordinator, indicator } = await start({ resources: { pg: { create } } });
    coordinator.pools.get('pg')?.pause();
    expect(await indicator.ready()).toMatchObject({ pg: { status: 'down' } });
    await coordinator.reconfigure('pg', { readiness: 'ignored' });
    expect(await indicator.ready()).toMatchObject({ pg: { status: 'degraded' } });
  });

  it('says nothing of a type that is well', async () => {
    const pool = { readiness: 'ignored' } as const;
    const { indicator } = await start({ resources: { pg: { create, pool } } });
    expect(await indicator.ready('pg')).toMatchObject({ pg: { status: 'up', readiness: 'ignored' } });
  });
});

describe('a cached type', () => {
  it('is degraded while callers wait for room', async () => {
    const { coordinator, indicator } = await start({
      cachedResources: { search: { create, cache: { max: 1, lease: { timeout: '1h' } } } },
    });
    const lease = await coordinator.acquireCached('search', 'a');
    expect(await indicator.ready('search')).toMatchObject({ search: { status: 'up', inUse: 1, size: 1 } });
    const waiting = coordinator.acquireCached('search', 'b');
    await Promise.resolve();
    expect(await indicator.ready('search')).toMatchObject({
      search: { status: 'degraded', reason: 'callers are waiting', pending: 1 },
    });
    void lease.release();
    void (await waiting).release();
  });

  it('is up while some key fails', async () => {
    const { coordinator, indicator } = await start({ cachedResources: { search: { create: refuse } } });
    await expect(coordinator.acquireCached('search', 'a')).rejects.toThrow('connection refused');
    expect(await indicator.ready('search')).toMatchObject({ search: { status: 'up', failures: 1 } });
  });
});
