import { HealthCheckService, type HealthIndicatorService } from '@nestjs/terminus';
import { Test } from '@nestjs/testing';
import { ConsoleLogger, ServiceUnavailableException } from '@nestjs/common';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { ResourceCoordinator } from '../coordinator/resource-coordinator.js';
import { UnknownResourceError } from '../errors/unknown-resource-error.js';
import { ResourcesModule } from '../nest/resources.module.js';
import type { CreateContext } from '../pool/factory/resource-factory.js';
import type { PoolOptions } from '../pool/pool-options.js';
import type { ResourcePool } from '../pool/resource-pool.js';
import { settle, VirtualClock } from '../time/virtual-clock.fixture.js';
import { ResourcesHealthIndicator } from './resources-health.indicator.js';
import { ResourcesTerminusModule } from './resources-terminus.module.js';

/** The database that sessions are made of. */
class Database {
  failure: Error | undefined;
  connects: () => unknown = () => ({});

  private readonly hooks: CreateContext[] = [];

  readonly connect = (context: CreateContext): unknown => {
    if (this.failure !== undefined) throw this.failure;
    this.hooks.push(context);
    return this.connects();
  };

  /** Ends all sessions. */
  hangUp(): void {
    for (const { retire } of this.hooks) retire(new Error('connection reset'));
  }
}

const start = async (options: PoolOptions = {}) => {
  const pool = { creation: { retry: { attempts: 1 } }, ...options };
  const database = new Database();
  const clock = new VirtualClock();
  const module = await Test.createTestingModule({
    imports: [
      ResourcesModule.forRoot({
        clock,
        logging: false,
        resources: { session: { create: database.connect, pool } },
      }),
      ResourcesTerminusModule,
    ],
  }).compile();
  await module.init();
  running.push(module);
  const coordinator = module.get(ResourceCoordinator);
  return {
    database,
    clock,
    module,
    coordinator,
    pool: coordinator.pools.get('session') as ResourcePool<unknown>,
    indicator: module.get(ResourcesHealthIndicator),
    health: module.get(HealthCheckService),
  };
};

const running: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const module of running.splice(0)) await module.close();
});

describe('ready', () => {
  it('reports a keyed type with the figures of all keys, up while some key fails', async () => {
    const { indicator, coordinator, database } = await start({ max: 2, keyed: { maxKeys: 5 } });
    const lease = await coordinator.acquire('session', { key: 'acme' });
    database.failure = new Error('no such tenant');
    await coordinator.acquire('session', { key: 'nobody' }).catch(() => undefined);
    expect(await indicator.ready('session')).toMatchObject({
      session: { status: 'up', leased: 1, max: 10 },
    });
    coordinator.pools.get('session')?.pause();
    expect(await indicator.ready('session')).toMatchObject({ session: { status: 'down', reason: 'paused' } });
    await lease.release();
  });

  it('is up, with the figures of the pool', async () => {
    const { indicator, coordinator } = await start({ min: 1, max: 3 });
    const lease = await coordinator.acquire('session');
    expect(await indicator.ready('session')).toEqual({
      resources: { status: 'up', phase: 'ready' },
      session: {
        status: 'up',
        phase: 'ready',
        min: 1,
        max: 3,
        size: 1,
        idle: 0,
        leased: 1,
        creating: 0,
        pending: 0,
        timeouts: 0,
        breaker: 'closed',
      },
    });
    await lease.release();
  });

  it('shows the phase of the type, and is degraded with it', async () => {
    const { indicator, coordinator } = await start();
    coordinator.register('tunnel', { create: () => ({}) });
    coordinator.register('mail', { create: () => ({}) }, { dependsOn: ['tunnel'] });
    await settle();
    expect(await indicator.ready('mail')).toMatchObject({ mail: { status: 'up', phase: 'ready' } });
    await coordinator.unregister('tunnel');
    expect(await indicator.ready('mail')).toMatchObject({
      mail: { status: 'degraded', reason: 'not ready', phase: 'degraded' },
    });
  });

  it('is degraded while callers wait', async () => {
    const { indicator, coordinator } = await start({ max: 1 });
    const lease = await coordinator.acquire('session');
    const waiting = coordinator.acquire('session');
    expect(await indicator.ready('session')).toMatchObject({
      session: { status: 'degraded', reason: 'callers are waiting', pending: 1, leased: 1 },
    });
    await lease.release();
    await (await waiting).release();
    expect(await indicator.ready('session')).toMatchObject({ session: { status: 'up' } });
  });

  it('is degraded while nearly all is on loan', async () => {
    const { indicator, coordinator } = await start({ max: 10 });
    const leases = [];
    for (let i = 0; i < 8; i++) leases.push(await coordinator.acquire('session'));
    expect(await indicator.ready('session')).toMatchObject({ session: { status: 'up', leased: 8 } });
    leases.push(await coordinator.acquire('session'));
    expect(await indicator.ready('session')).toMatchObject({
      session: { status: 'degraded', reason: 'nearly used up', leased: 9 },
    });
    for (const lease of leases) await lease.release();
  });

  it('is up with a reason under Terminus 11, which knows nothing between up and down', async () => {
    const { coordinator } = await start({ max: 1 });
    const told = (status: string) => (data: object) => ({ session: { status, ...data } });
    const terminus11 = {
      check: () => ({ up: told('up'), down: told('down') }),
    } as unknown as HealthIndicatorService;
    const indicator = new ResourcesHealthIndicator(coordinator, terminus11);
    expect((await indicator.ready('session')).session).not.toHaveProperty('reason');
    const lease = await coordinator.acquire('session');
    expect(await indicator.ready('session')).toMatchObject({
      session: { status: 'up', reason: 'nearly used up', leased: 1 },
    });
    await lease.release();
  });

  it('is down while the pool is paused', async () => {
    const { indicator, pool } = await start();
    pool.pause();
    expect(await indicator.ready('session')).toMatchObject({
      session: { status: 'down', reason: 'paused', max: 10 },
    });
    pool.resume();
    expect(await indicator.ready('session')).toMatchObject({ session: { status: 'up' } });
  });

  it('is down when the pool is closed', async () => {
    const { indicator, pool } = await start();
    await pool.close();
    expect(await indicator.ready('session')).toMatchObject({ session: { status: 'down', reason: 'closed' } });
  });

  it('is down from the moment on in which the end is announced, while all is lent', async () => {
    const { indicator, coordinator } = await start({ min: 1, max: 3 });
    await coordinator.announce();
    expect(await indicator.ready('session')).toMatchObject({
      resources: { status: 'down', reason: 'shutting down', phase: 'ready' },
      session: { status: 'up', max: 3, idle: 1 },
    });
    expect(await coordinator.use('session', () => 'lent')).toBe('lent');
  });

  it('is down after the shutdown, when there are no pools any more', async () => {
    const { indicator, coordinator } = await start();
    await coordinator.cleanup();
    const resources = { status: 'down', reason: 'stopped', phase: 'stopped' };
    expect(await indicator.ready('session')).toEqual({
      resources,
      session: { status: 'down', reason: 'closed', phase: 'stopped' },
    });
    expect(await indicator.ready()).toEqual({ resources });
  });

  it('is down while nothing can be created, and up again, without anybody asking for a resource', async () => {
    const { database, indicator, coordinator, clock } = await start();
    database.failure = new Error('connection refused');
    await expect(coordinator.acquire('session')).rejects.toThrow('connection refused');
    expect(await indicator.ready('session')).toMatchObject({
      session: {
        status: 'down',
        reason: 'cannot create',
        size: 0,
        breaker: 'closed',
        failing: { cause: 'connection refused', since: expect.any(Date) },
      },
    });
    database.failure = undefined;
    await clock.advance(1_000);
    const { session } = await indicator.ready('session');
    expect(session).toMatchObject({ status: 'up', size: 1, idle: 1 });
    expect(session).not.toHaveProperty('failing');
  });

  it('is down when an attempt to create comes to no end', async () => {
    const { database, clock, indicator, coordinator } = await start();
    await (await coordinator.acquire('session')).release();
    database.connects = () => new Promise(() => undefined);
    database.hangUp();
    await clock.advance(1_000);
    expect(await indicator.ready('session')).toMatchObject({ session: { status: 'up', creating: 1 } });
    await clock.advance(1_000);
    expect(await indicator.ready('session')).toMatchObject({
      session: { status: 'down', reason: 'cannot create' },
    });
    const closed = running.pop()?.close();
    await clock.advance(20_000);
    await closed;
  });

  it('is degraded when creation failed but resources are on loan, and up when one is idle', async () => {
    const { database, indicator, coordinator } = await start({ max: 5 });
    const lease = await coordinator.acquire('session');
    database.failure = new Error('connection refused');
    await expect(coordinator.acquire('session')).rejects.toThrow('connection refused');
    expect(await indicator.ready('session')).toMatchObject({
      session: { status: 'degraded', reason: 'cannot create', leased: 1 },
    });
    await lease.release();
    expect(await indicator.ready('session')).toMatchObject({ session: { status: 'up', idle: 1 } });
  });

  it('refuses a type that nobody registered', async () => {
    const { indicator } = await start();
    await expect(indicator.ready('sesion')).rejects.toThrow(UnknownResourceError);
    await expect(indicator.startup('session', 'sesion')).rejects.toThrow('(known: session)');
  });

  describe('in a health check', () => {
    it('makes a healthy report', async () => {
      const { health, indicator } = await start();
      const report = await health.check([() => indicator.ready('session')]);
      expect(report).toMatchObject({ status: 'ok', details: { session: { status: 'up', max: 10 } } });
    });

    it('makes a degraded report', async () => {
      const { health, indicator, coordinator } = await start({ max: 1 });
      const lease = await coordinator.acquire('session');
      const report = await health.check([() => indicator.ready('session')]);
      expect(report).toMatchObject({
        status: 'degraded',
        info: { session: { status: 'degraded', reason: 'nearly used up' } },
      });
      await lease.release();
    });

    it('fails with 503 and the report', async () => {
      const { health, indicator, pool } = await start();
      pool.pause();
      const log = jest.spyOn(ConsoleLogger.prototype, 'error').mockReturnValue();
      const failing = health.check([() => indicator.ready('session')]);
      await expect(failing).rejects.toThrow(ServiceUnavailableException);
      await expect(failing).rejects.toMatchObject({
        response: { status: 'error', error: { session: { status: 'down', reason: 'paused' } } },
      });
      expect(log).toHaveBeenCalledTimes(1);
      log.mockRestore();
    });
  });
});
