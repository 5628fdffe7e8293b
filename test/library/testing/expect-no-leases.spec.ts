import { NestFactory } from '@nestjs/core';
import { Test, type TestingModule } from '@nestjs/testing';
import { Transport } from '@nestjs/microservices';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { InvalidOptionsError, ResourceCoordinator, ResourceError, ResourcesModule } from 'nestjs-resources';
import { expectNoLeases, LeasesHeldError, traceLeases } from 'nestjs-resources/testing';
import { madeBy, ProvidedModule, type Session } from './lending-module.fixture.js';

const NOW = { within: 0 };

const builder = () => Test.createTestingModule({ imports: [ProvidedModule] });

async function start(traced = true): Promise<TestingModule> {
  const module = await (traced ? traceLeases(builder()) : builder()).compile();
  return await module.init();
}

async function failureOf(asked: Promise<void>): Promise<LeasesHeldError> {
  const failure: unknown = await asked.catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(LeasesHeldError);
  return failure as LeasesHeldError;
}

/** Borrows in every way, under names that the tests look for. */
async function borrowAll(coordinator: ResourceCoordinator) {
  return [
    await coordinator.acquire<Session>('plain', { owner: 'Orders.find' }),
    await coordinator.acquire<Session>('keyed', { owner: 'Orders.find', key: 'acme' }),
    await coordinator.acquireCached<Session>('cached', 'acme', { owner: 'nightly' }),
  ];
}

describe('expectNoLeases()', () => {
  it('passes when nothing is held', async () => {
    const module = await start();
    await expectNoLeases(module);
    await module.get(ResourceCoordinator).run(() => module.get(ResourceCoordinator).acquire('plain'));
    await expectNoLeases(module, NOW);
    await module.close();
  });

  it('names owner, type, key, age and place of each lease that is held, in fields and in the message', async () => {
    const module = await start();
    const coordinator = module.get(ResourceCoordinator);
    const leases = await borrowAll(coordinator);
    const failure = await failureOf(expectNoLeases(module, NOW));
    expect(failure.leases).toEqual([
      expect.objectContaining({
        type: 'plain',
        owner: 'Orders.find',
        stack: expect.stringContaining('expect-no-leases.spec.ts'),
      }),
      expect.objectContaining({
        type: 'keyed',
        key: 'acme',
        stack: expect.stringContaining('expect-no-leases.spec.ts'),
      }),
      expect.objectContaining({
        type: 'cached',
        key: 'acme',
        owner: 'nightly',
        stack: expect.stringContaining('expect-no-leases.spec.ts'),
      }),
    ]);
    expect(failure).toBeInstanceOf(ResourceError);
    expect(failure.message).toMatch(
      /^3 leases are still held after 0 ms:\n- plain#1, a lease on "plain", held by Orders\.find for \d+ ms, acquired\n +at /,
    );
    expect(failure.message).toMatch(
      /- keyed\[acme\]#1, a lease on "keyed" for the key "acme", held by Orders\.find for \d+ ms/,
    );
    expect(failure.message).toMatch(
      /- cached#1, a lease on "cached" for the key "acme", held by nightly for \d+ ms/,
    );
    expect(failure.message.match(/acquired\n +at .*expect-no-leases\.spec\.ts/g)).toHaveLength(3);
    for (const lease of leases) await lease.release();
    await expectNoLeases(module, NOW);
    await module.close();
  });

  it('names the place of what a scope has borrowed', async () => {
    const module = await start();
    const coordinator = module.get(ResourceCoordinator);
    await coordinator.run(async () => {
      await borrowAll(coordinator);
      const failure = await failureOf(expectNoLeases(module, NOW));
      expect(failure.message.match(/acquired\n +at .*expect-no-leases\.spec\.ts/g)).toHaveLength(3);
    });
    await module.close();
  });

  it('says how places are captured where they are not', async () => {
    const module = await start(false);
    const leases = await borrowAll(module.get(ResourceCoordinator));
    const { message } = await failureOf(expectNoLeases(module, NOW));
    expect(message).toMatch(
      /for \d+ ms\nTo see where they were acquired, give .* traceLeases\(\), or set "leaks: { stack: 'always' }"/,
    );
    for (const lease of leases) await lease.release();
    await module.close();
  });

  it('escapes names, and tells of many only how many', async () => {
    const coordinator = new ResourceCoordinator({
      resources: { plain: { ...madeBy('x'), pool: { max: 30 } } },
    });
    for (let i = 0; i < 25; i++) await coordinator.acquire('plain', { owner: 'a\nforged line' });
    const { message, leases } = await failureOf(expectNoLeases(coordinator, NOW));
    expect(leases).toHaveLength(25);
    expect(message).toContain('held by a\\nforged line for');
    expect(message).toContain('\n- and 5 more\n');
    await coordinator.cleanup({ deadline: 0 });
  });

  describe('waits', () => {
    afterEach(() => void jest.useRealTimers());

    it('for a lease that is on its way back', async () => {
      const module = await start();
      const lease = await module.get(ResourceCoordinator).acquire('plain');
      const asked = expectNoLeases(module);
      await lease.release();
      await asked;
      await module.close();
    });

    it('no longer than it may, also while a test holds the timers', async () => {
      const module = await start();
      const lease = await module.get(ResourceCoordinator).acquire('plain');
      jest.useFakeTimers();
      const { message } = await failureOf(expectNoLeases(module, { within: '30ms' }));
      expect(message).toContain('1 lease is still held after 30 ms');
      await lease.release();
      await expectNoLeases(module);
      jest.useRealTimers();
      await module.close();
    });
  });

  it.each<[string, () => Promise<{ close(): Promise<void>; get: TestingModule['get'] }>]>([
    ['an application', async () => await (await builder().compile()).createNestApplication().init()],
    [
      'a microservice',
      async () => {
        const app = (await builder().compile()).createNestMicroservice({
          transport: Transport.TCP,
          options: { port: 0 },
        });
        await app.listen();
        return app;
      },
    ],
    [
      'an application context',
      async () => await NestFactory.createApplicationContext(ProvidedModule, { logger: false }),
    ],
    ['a testing module', () => start()],
  ])('asks %s, and after its end what the shutdown found', async (_, begin) => {
    const app = await begin();
    await expectNoLeases(app, NOW);
    const coordinator = app.get(ResourceCoordinator);
    await coordinator.acquire('plain', { owner: 'forgetful' });
    expect((await failureOf(expectNoLeases(app, NOW))).leases).toHaveLength(1);
    await coordinator.cleanup({ deadline: 0 });
    await app.close();
    expect(await failureOf(expectNoLeases(app, NOW))).toMatchObject({ type: 'plain', owner: 'forgetful' });
  });

  it('asks a coordinator', async () => {
    const coordinator = new ResourceCoordinator({ resources: { plain: madeBy('x') } });
    await expectNoLeases(coordinator, NOW);
    const lease = await coordinator.acquire('plain');
    await failureOf(expectNoLeases(coordinator, NOW));
    await lease.release();
    await coordinator.cleanup();
    await expectNoLeases(coordinator, NOW);
  });

  it('refuses what has no coordinator', async () => {
    const module = await Test.createTestingModule({}).compile();
    for (const target of [module, {}, undefined, null, 'app', { get: () => ({ leases: () => [] }) }]) {
      const asked = expectNoLeases(target as never);
      await expect(asked).rejects.toThrow(InvalidOptionsError);
      await expect(asked).rejects.toThrow('"target" must be a ResourceCoordinator, or an application');
    }
    await module.close();
  });

  it.each([[{ within: 'soon' }], [{ within: -1 }], [{ within: Infinity }], [null], [5]])(
    'refuses options that cannot work: %p',
    async (options) => {
      const coordinator = new ResourceCoordinator();
      await expect(expectNoLeases(coordinator, options as never)).rejects.toThrow(InvalidOptionsError);
    },
  );
});

describe('traceLeases()', () => {
  it('keeps what else the options of a type say of leaks', async () => {
    const resources = { plain: { ...madeBy('x'), pool: { leaks: { warnAfter: 5 } } } };
    const imports = [ResourcesModule.forRoot({ logging: false, resources })];
    const module = await traceLeases(Test.createTestingModule({ imports })).compile();
    const { policies } = module.get(ResourceCoordinator);
    expect(policies.get('plain')?.leaks).toEqual({ warnAfter: 5, stack: 'always' });
    await module.close();
  });
});
