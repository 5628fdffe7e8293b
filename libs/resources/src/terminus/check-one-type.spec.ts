import { type HealthIndicatorService } from '@nestjs/terminus';
import { describe, expect, it } from '@jest/globals';
import { UnknownResourceError } from '../errors/unknown-resource-error.js';
import { ResourcesHealthIndicator } from './resources-health.indicator.js';
import { compile, create, refuse, start } from './health-bench.fixture.js';

const ONE_TRY = { creation: { retry: { attempts: 1 } } };

describe('the check of one type', () => {
  it('is the entry that ready has of it, alone, under its name or another key', async () => {
    const { indicator } = await start({
      resources: { pg: { create, pool: { min: 1, max: 3 } }, sftp: { create, pool: { keyed: {} } } },
      cachedResources: { search: { create } },
    });
    for (const type of ['pg', 'sftp', 'search']) {
      const { [type]: entry } = await indicator.ready(type);
      expect(entry.status).toBe('up');
      expect(await indicator.check(type)).toEqual({ [type]: entry });
      expect(await indicator.check('database', type)).toEqual({ database: entry });
    }
  });

  it('is degraded while a thousand callers wait, and takes nothing for it', async () => {
    const { coordinator, indicator, health } = await start({
      resources: { pg: { create, pool: { max: 1, acquireTimeout: '1h' } } },
    });
    const lease = await coordinator.acquire('pg');
    const waiting = Array.from({ length: 1_000 }, () => coordinator.acquire('pg'));
    const before = coordinator.stats();
    expect(await health.check([() => indicator.check('database', 'pg')])).toMatchObject({
      status: 'degraded',
      details: { database: { status: 'degraded', reason: 'callers are waiting', pending: 1_000 } },
    });
    expect(coordinator.stats()).toEqual(before);
    void lease.release();
    for (const coming of waiting) void (await coming).release();
  });

  it('is up with a reason under Terminus 11, which knows nothing between up and down', async () => {
    const { coordinator } = await start({ resources: { pg: { create, pool: { max: 1 } } } });
    const terminus11 = {
      check: (key: string) => {
        const told = (status: string) => (data: object) => ({ [key]: { status, ...data } });
        return { up: told('up'), down: told('down') };
      },
    } as unknown as HealthIndicatorService;
    const indicator = new ResourcesHealthIndicator(coordinator, terminus11);
    const lease = await coordinator.acquire('pg');
    expect(await indicator.check('database', 'pg')).toMatchObject({
      database: { status: 'up', reason: 'nearly used up', leased: 1 },
    });
    await lease.release();
  });

  it('is down while nothing can be created, unless its readiness is ignored, and asks for no creation', async () => {
    let tries = 0;
    const counted = (): never => {
      tries++;
      return refuse();
    };
    const { coordinator, indicator } = await start({
      resources: {
        pg: { create: counted, pool: ONE_TRY },
        shared: { create: refuse, pool: { ...ONE_TRY, readiness: 'ignored' } },
      },
    });
    for (const type of ['pg', 'shared']) await coordinator.acquire(type).catch(() => undefined);
    const down = { status: 'down', reason: 'cannot create', failing: { cause: 'connection refused' } };
    expect(await indicator.check('database', 'pg')).toMatchObject({ database: down });
    expect(await indicator.check('shared')).toMatchObject({
      shared: { status: 'degraded', reason: 'cannot create', readiness: 'ignored' },
    });
    expect(tries).toBe(1);
  });

  it('shows the worse of a pooled and a cached type of one name', async () => {
    const { coordinator, indicator } = await start({
      resources: { tenantDb: { create } },
      cachedResources: { tenantDb: { create } },
    });
    expect(await indicator.check('tenants', 'tenantDb')).toMatchObject({ tenants: { breaker: 'closed' } });
    await coordinator.cachedResources.get('tenantDb')?.close();
    expect(await indicator.check('tenants', 'tenantDb')).toMatchObject({
      tenants: { status: 'down', reason: 'closed' },
    });
  });

  it('is down until the application has started, while its end is announced, while it drains, and after', async () => {
    const { module, coordinator, indicator } = await compile({
      resources: { pg: { create, pool: { min: 1, readiness: 'ignored' } } },
    });
    const reason = async (): Promise<unknown> => (await indicator.check('database', 'pg')).database.reason;
    await expect(indicator.check('pg')).resolves.toMatchObject({ pg: { status: 'down' } });
    expect(await reason()).toBe('registered');
    await module.init();
    expect(await reason()).toBeUndefined();
    await coordinator.announce();
    expect(await indicator.check('pg')).toMatchObject({
      pg: { status: 'down', reason: 'shutting down', phase: 'ready', idle: 1 },
    });
    expect(await coordinator.use('pg', () => 'lent')).toBe('lent');
    coordinator.startDraining();
    expect(await reason()).toBe('draining');
    await coordinator.cleanup();
    expect(await indicator.check('pg')).toEqual({
      pg: { status: 'down', reason: 'closed', phase: 'stopped' },
    });
  });

  it('tells of a type with any name, under any key', async () => {
    const { coordinator, indicator } = await start({});
    for (const type of ['constructor', 'a\n"b', '0', 'resources']) {
      coordinator.register(type, { create });
      for (const key of [type, '__proto__', 'resources', ''])
        expect(Object.entries(await indicator.check(key, type))).toEqual([
          [key, expect.objectContaining({ status: 'up', size: 0 })],
        ]);
    }
  });

  it('refuses a type that nobody registered', async () => {
    const { indicator } = await start({ resources: { session: { create } } });
    await expect(indicator.check('sesion')).rejects.toThrow(UnknownResourceError);
    await expect(indicator.check('database', 'sesion')).rejects.toThrow('(known: session)');
  });
});
