import { describe, expect, it, jest } from '@jest/globals';
import { Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ResourceCoordinator } from '../coordinator/resource-coordinator.js';
import { Deferred, Outcome } from '../pool/deferred.fixture.js';
import { settle, VirtualClock } from '../time/virtual-clock.fixture.js';
import { AdminAccess } from './admin-access.js';
import type { TransactionalMethodsExplorer } from './transactions/transactional-methods.explorer.js';
import type { CachedMethodsExplorer } from './caching/cached-methods.explorer.js';
import type { WorkContext } from './contexts/work-context.js';
import type { ResourcesExplorer } from './discovery/resources.explorer.js';
import { ResourcesLog } from './log/resources-log.js';
import { TroubleLog } from './log/trouble-log.js';
import { ResourcesLifecycle } from './resources.lifecycle.js';
import { ResourcesModule } from './resources.module.js';

/** A kind of work that writes down what it is told. */
class RecordingContext implements WorkContext {
  readonly told: string[] = [];
  readonly answers = new Deferred();

  isServing = false;

  constructor(
    readonly endsByForce = false,
    private readonly late = 0,
  ) {}

  beforeClosing(prepare: () => Promise<void>): void {
    this.prepare = prepare;
  }

  prepare = (): Promise<void> => Promise.resolve();

  follow(): void {
    this.told.push('follow');
  }

  startDraining(): void {
    this.told.push('start draining');
  }

  answered(): Promise<void> {
    this.told.push('answered?');
    return this.answers.promise;
  }

  closeWithin(remaining: number): void {
    this.told.push(`close within ${remaining}`);
  }

  cutOff(): Promise<number> {
    this.told.push('cut off');
    return Promise.resolve(this.late);
  }

  stop(): void {
    this.told.push('stop');
  }
}

const NOTHING_TO_EXPLORE = {} as ResourcesExplorer & CachedMethodsExplorer & TransactionalMethodsExplorer; // a shutdown asks neither

async function shuttingDown(...contexts: RecordingContext[]) {
  const clock = new VirtualClock();
  const coordinator = new ResourceCoordinator({ drainTimeout: 1_000, clock });
  const log = new ResourcesLog({});
  const lifecycle = new ResourcesLifecycle(
    coordinator,
    NOTHING_TO_EXPLORE,
    NOTHING_TO_EXPLORE,
    NOTHING_TO_EXPLORE,
    contexts,
    log,
    new TroubleLog(coordinator, log),
    new AdminAccess({}, coordinator, log),
  );
  await lifecycle.onModuleDestroy();
  return { clock, coordinator, work: new Outcome(lifecycle.beforeApplicationShutdown()) };
}

describe('a start', () => {
  it('happens once, although a microservice calls the hook by init() and by listen()', async () => {
    const told: string[] = [];
    const explorer = {
      registerFactories: () => void told.push('register'),
      checkUsages: () => void told.push('check'),
      wrap: () => void told.push('wrap'),
      adopt: () => void told.push('adopt'),
    } as unknown as ResourcesExplorer & CachedMethodsExplorer & TransactionalMethodsExplorer; // what a start asks
    const coordinator = new ResourceCoordinator();
    const log = new ResourcesLog({});
    const troubles = new TroubleLog(coordinator, log);
    const noAdmin = new AdminAccess({}, coordinator, log);
    const lifecycle = new ResourcesLifecycle(
      coordinator,
      explorer,
      explorer,
      explorer,
      [],
      log,
      troubles,
      noAdmin,
    );
    await Promise.all([lifecycle.onModuleInit(), lifecycle.onModuleInit()]);
    await lifecycle.onModuleInit();
    expect(told).toEqual(['register', 'check', 'wrap', 'adopt']);
  });
});

describe('a shutdown', () => {
  it('waits for the work of every kind, and then closes what nobody uses', async () => {
    const [one, other] = [new RecordingContext(), new RecordingContext()];
    const { clock, work } = await shuttingDown(one, other);
    one.answers.resolve();
    await clock.advance(300);
    expect(work.state).toBe('pending');
    other.answers.resolve();
    await settle();
    expect(work.state).toBe('fulfilled');
    for (const { told } of [one, other])
      expect(told).toEqual(['start draining', 'answered?', 'close within 700']);
  });

  it('cuts off every kind of work at the deadline, and says how many answers were not done', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const [one, other] = [new RecordingContext(false, 2), new RecordingContext(false, 3)];
    const { clock, work } = await shuttingDown(one, other);
    await clock.advance(1_000);
    expect(work.state).toBe('fulfilled');
    expect([one.told.at(-1), other.told.at(-1)]).toEqual(['cut off', 'cut off']);
    expect(warn.mock.calls).toEqual([['Cut off 5 response(s) that were not done at the drain deadline']]);
    warn.mockRestore();
  });

  it('does not wait for a kind of work that is ended by force', async () => {
    const [forced, other] = [new RecordingContext(true), new RecordingContext()];
    const { work } = await shuttingDown(forced, other);
    other.answers.resolve();
    await settle();
    expect(work.state).toBe('fulfilled');
    expect(forced.told).toEqual(['start draining']);
  });

  it('waits for nothing where all work is ended by force', async () => {
    const { coordinator, work } = await shuttingDown(new RecordingContext(true));
    await settle();
    expect([work.state, coordinator.draining]).toEqual(['fulfilled', true]);
  });
});

describe('an application that is closed twice', () => {
  it.each(['at once', 'one after the other'])('ends once, and says so once: %s', async (how) => {
    const logged: unknown[] = [];
    const logger = {
      log: (line: unknown, context: unknown) => context === 'Resources' && logged.push(line),
      warn: (line: unknown) => logged.push(line),
      error: (line: unknown) => logged.push(line),
    };
    @Module({ imports: [ResourcesModule.forRoot({ resources: { pg: { create: () => ({}) } } })] })
    class AppModule {}
    const app = await NestFactory.createApplicationContext(AppModule, { logger, abortOnError: false });
    if (how === 'at once') await Promise.all([app.close(), app.close()]);
    else for (const _ of [1, 2]) await app.close();
    expect(logged).toEqual([expect.stringMatching(/^All leases came back/)]);
  });
});

describe('what the log says of leases that did not come back', () => {
  /** Each begins a line of its own, colours it, or overwrites the one before, where it is printed as it is. */
  const HOSTILE = [
    'a\nb',
    '\u001b[2K\u001b[31mred',
    'x\r[Nest] LOG forged',
    'two\u2028lines',
    'turned\u202etxt.exe',
  ];

  it.each(HOSTILE)('is one line, whatever types, keys and owners are called: %j', async (name) => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const coordinator = new ResourceCoordinator({
      resources: {
        [name]: { create: () => ({}) },
        keyed: { create: () => ({}), pool: { keyed: {} } },
      },
      cachedResources: { [`cached ${name}`]: { create: () => ({}) } },
      drainTimeout: 0,
    });
    await coordinator.acquire(name, { owner: name });
    await coordinator.acquire('keyed', { key: name });
    await coordinator.acquireCached(`cached ${name}`, name, { owner: name });
    const log = new ResourcesLog({});
    const explorer = {
      unwrap: () => undefined,
      leave: () => undefined,
    } as unknown as typeof NOTHING_TO_EXPLORE;
    const lifecycle = new ResourcesLifecycle(
      coordinator,
      explorer,
      explorer,
      explorer,
      [],
      log,
      new TroubleLog(coordinator, log),
      new AdminAccess({}, coordinator, log),
    );
    await lifecycle.onModuleDestroy();
    await lifecycle.beforeApplicationShutdown();
    await lifecycle.onApplicationShutdown();
    const [[line]] = warn.mock.calls;
    warn.mockRestore();
    expect(line).toContain('3 lease(s) did not come back');
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  });
});
