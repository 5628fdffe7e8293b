import { inspect } from 'node:util';
import { ConsoleLogger, type LoggerService } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { settle, VirtualClock } from '../../time/virtual-clock.fixture.js';
import { ResourcesModule } from '../resources.module.js';
import type { ResourcesOptions } from '../resources.options.js';

/** Keeps what an application logs. */
class KeptLog implements LoggerService {
  readonly lines: { level: string; line: unknown }[] = [];

  log(line: unknown, context?: unknown): void {
    if (context === 'Resources') this.lines.push({ level: 'log', line });
  }

  warn(line: unknown): void {
    this.lines.push({ level: 'warn', line });
  }

  error(line: unknown): void {
    this.lines.push({ level: 'error', line });
  }

  get texts(): string[] {
    return this.lines.map(({ level, line }) => `${level}: ${String(line)}`);
  }
}

/** Sessions of a database that can be down, and whose hooks can fail. */
class Database {
  down: Error | undefined = undefined;
  broken: Error | undefined = undefined;

  readonly definition = {
    create: () => (this.down === undefined ? {} : Promise.reject(this.down)),
    reset: () => (this.broken === undefined ? undefined : Promise.reject(this.broken)),
    pool: {
      max: 1,
      maxWaiting: 1,
      acquireTimeout: 1_000,
      creation: { retry: { attempts: 1 }, breaker: { failures: 1, cooldown: 500, maxCooldown: 500 } },
    },
  };
}

const FORGED = 'pg\n\u001b[31mERROR \u202Eall is lost\u2028';

let clock: VirtualClock;
let database: Database;
let log: KeptLog;
let module: TestingModule | undefined;

async function start(options: ResourcesOptions = {}, type = 'pg'): Promise<ResourceCoordinator> {
  module = await Test.createTestingModule({
    imports: [ResourcesModule.forRoot({ resources: { [type]: database.definition }, clock, ...options })],
  })
    .setLogger(log)
    .compile();
  await module.init();
  return module.get(ResourceCoordinator);
}

/** Asks for a resource several times, whatever comes of it. */
async function ask(coordinator: ResourceCoordinator, times: number, type = 'pg'): Promise<void> {
  for (let time = 0; time < times; time++) {
    const asked = coordinator.use(type, () => undefined, { owner: 'find' }).catch(() => undefined);
    await clock.advance(600);
    await asked;
  }
}

beforeEach(() => {
  clock = new VirtualClock();
  database = new Database();
  log = new KeptLog();
});

afterEach(async () => {
  await module?.close();
  module = undefined;
});

describe('the log', () => {
  it('says once why nothing can be created, and once that it can again', async () => {
    const coordinator = await start();
    database.down = new Error('connect ECONNREFUSED 127.0.0.1:5432');
    await ask(coordinator, 50);
    expect(log.texts).toEqual([
      expect.stringMatching(
        /^error: Pool "pg": creation fails: connect ECONNREFUSED 127\.0\.0\.1:5432\. It is tried again/,
      ),
    ]);
    database.down = undefined;
    await ask(coordinator, 5);
    expect(log.texts.slice(1)).toEqual([
      expect.stringMatching(
        /^log: Pool "pg": creation works again: it happened 50 times in 29 s, since \d{4}-/,
      ),
    ]);
  });

  it('agrees with the stats', async () => {
    const coordinator = await start();
    database.down = new Error('no more connection slots');
    await ask(coordinator, 3);
    const { pools, troubles } = coordinator.stats();
    expect(pools['pg']).toMatchObject({
      breaker: 'half-open',
      failing: { cause: 'no more connection slots', since: expect.any(Date) },
    });
    expect(troubles).toMatchObject([
      { source: 'pool', type: 'pg', kind: 'creationFailed', count: 3, cause: 'no more connection slots' },
    ]);
    database.down = undefined;
    await ask(coordinator, 4);
    expect(coordinator.stats()).toMatchObject({
      pools: { pg: { breaker: 'closed', failing: undefined } },
      troubles: [],
    });
  });

  it('says who waited in vain, and how the pool stood', async () => {
    const coordinator = await start();
    const lease = await coordinator.acquire('pg', { owner: 'holder' });
    const late = coordinator.acquire('pg', { owner: 'late' }).catch(() => undefined);
    const refused = coordinator.acquire('pg', { owner: 'refused' }).catch(() => undefined);
    await clock.advance(1_100);
    await Promise.all([late, refused]);
    expect(log.texts).toEqual([
      'warn: Pool "pg": callers are refused, because "maxWaiting" callers wait already, the first of them refused ' +
        '(1 of 1 on loan, 0 being created, 1 waiting). There are too few resources for so many callers: see stats() and leases().',
      'warn: Pool "pg": callers time out while they wait, the first of them late (1 of 1 on loan, 0 being created, 0 waiting). ' +
        'coordinator.leases() says who holds the resources; if all are needed, raise "max".',
    ]);
    await lease.release();
  });

  it('says once that a hook fails each time', async () => {
    const coordinator = await start();
    database.broken = new Error('in a failed transaction');
    await ask(coordinator, 40);
    expect(log.texts).toEqual([
      'warn: Pool "pg": reset fails: in a failed transaction. The resource is retired, and not lent on.',
    ]);
  });

  it('says that a lease was revoked, and whose', async () => {
    const { definition } = database;
    const resources = { pg: { ...definition, pool: { ...definition.pool, maxLeaseTime: 5_000 } } };
    const coordinator = await start({ resources });
    await coordinator.acquire('pg', { owner: 'ReportsController.all' });
    await clock.advance(12_000);
    expect(log.texts).toEqual([
      expect.stringMatching(/^warn: Pool "pg": the lease of ReportsController\.all was revoked/),
    ]);
  });

  it('says that what classifies errors throws, instead of a process warning', async () => {
    const isFatal = (): boolean => {
      throw new Error('undefined is not a code');
    };
    const { definition } = database;
    const resources = { pg: { ...definition, pool: { ...definition.pool, validation: { isFatal } } } };
    const coordinator = await start({ resources });
    const work = coordinator.use('pg', () => Promise.reject(new Error('42P01')));
    await expect(work).rejects.toThrow('42P01');
    expect(log.texts).toEqual([
      'warn: Pool "pg": "validation.isFatal" fails: undefined is not a code. The resource is not lent again, because nothing is known of it.',
    ]);
  });

  it('says nothing of creations that the end gives up, whatever they fail with', async () => {
    const create = ({ signal }: { signal: AbortSignal }): Promise<never> =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('given up'))));
    const coordinator = await start({ resources: { pg: { create } } });
    const asked = coordinator.acquire('pg').catch(() => undefined);
    await clock.advance(100);
    const closed = module?.close();
    await clock.advance(60_000);
    await Promise.all([closed, asked]);
    expect(log.texts.filter((text) => text.includes('creation'))).toEqual([]);
  });

  it('ends the cause with one full stop', async () => {
    database.broken = new Error('in a failed transaction.');
    await ask(await start(), 1);
    expect(log.texts).toEqual([
      'warn: Pool "pg": reset fails: in a failed transaction. The resource is retired, and not lent on.',
    ]);
  });

  it('names the key of a keyed pool', async () => {
    const resources = {
      db: {
        create: () => Promise.reject(new Error('unknown database')),
        pool: { keyed: {}, ...database.definition.pool },
      },
    };
    const coordinator = await start({ resources });
    const asked = coordinator.acquire('db', { key: 'acme' }).catch(() => undefined);
    await clock.advance(600);
    await asked;
    expect(log.texts).toEqual([
      expect.stringMatching(/^error: Pool "db", key "acme": creation fails: unknown database\. /),
    ]);
  });

  it('says that a cached resource can not be created, and for which key', async () => {
    const coordinator = await start({
      cachedResources: { tenantDb: { create: () => Promise.reject(new Error('no such host')) } },
    });
    await coordinator.acquireCached('tenantDb', 'acme').catch(() => undefined);
    expect(log.texts).toEqual([
      'error: Cache "tenantDb", key "acme": creation fails: no such host. Callers get an error; the next one tries again.',
    ]);
    await clock.advance(32_000);
    expect(log.texts.slice(1)).toEqual([
      expect.stringMatching(
        /^log: Cache "tenantDb", key "acme": creation has not failed for 30 s: it happened once, since /,
      ),
    ]);
  });

  it('can be forged by no name and no cause', async () => {
    const coordinator = await start({}, FORGED);
    database.down = new Error(FORGED);
    await ask(coordinator, 1, FORGED);
    expect(log.texts).toHaveLength(1);
    expect(log.texts[0]).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  });

  it('says nothing of leases that the shutdown revokes, which its report names', async () => {
    const coordinator = await start({ drainTimeout: 0 });
    await coordinator.acquire('pg', { owner: 'job' });
    const closing = module?.close();
    for (let turn = 0; turn < 20; turn++) await clock.advance(1_000); // each of its steps waits for the one before
    await closing;
    module = undefined;
    expect(log.texts).toEqual([expect.stringMatching(/^warn: 1 lease\(s\) did not come back/)]);
  });
});

describe('a start', () => {
  it('that fails says why by its error, and in one line which type it was', async () => {
    const { definition } = database;
    const resources = { pg: { ...definition, pool: { ...definition.pool, min: 1 } } };
    database.down = new Error('no such host');
    await expect(start({ resources })).rejects.toThrow('no such host');
    expect(log.texts).toEqual(['error: Resource type "pg" has failed to start: no such host.']);
  });
});

describe('the option "logging"', () => {
  async function fail(options: ResourcesOptions): Promise<void> {
    const coordinator = await start(options);
    database.broken = new Error('no');
    await ask(coordinator, 1);
    database.down = new Error('down');
    await ask(coordinator, 1);
    database.down = undefined;
    await ask(coordinator, 4);
    await module?.close();
    module = undefined;
    await settle();
  }

  it.each<[ResourcesOptions['logging'], string[]]>([
    [undefined, ['error', 'log', 'warn']],
    [true, ['error', 'log', 'warn']],
    ['log', ['error', 'log', 'warn']],
    ['warn', ['error', 'warn']],
    ['error', ['error']],
    [false, []],
  ])('%p lets these levels pass: %j', async (logging, levels) => {
    await fail({ logging });
    expect([...new Set(log.lines.map(({ level }) => level))].toSorted()).toEqual(levels);
  });

  it('is refused when it is no level', async () => {
    const logging = 'verbose' as 'warn';
    await expect(start({ logging })).rejects.toThrow(
      '"logging" must be one of "error", "warn", "log"; got "verbose".',
    );
  });
});

describe('a line of log', () => {
  it('is a text for people and fields for machines', async () => {
    const coordinator = await start();
    database.down = new Error('down');
    await ask(coordinator, 1);
    const [{ line } = { line: undefined }] = log.lines;
    expect(line).toMatchObject({
      type: 'pg',
      kind: 'creationFailed',
      count: 1,
      cause: 'down',
      source: 'pool',
    });
    expect(inspect(line)).toBe(String(line));
    expect(JSON.parse(JSON.stringify(line))).toMatchObject({ message: String(line), kind: 'creationFailed' });
  });

  it('is one line of the console', async () => {
    const coordinator = await start();
    database.down = new Error('down');
    await ask(coordinator, 1);
    const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    new ConsoleLogger({ colors: false }).error(log.lines[0]?.line, undefined, 'Resources');
    const printed = write.mock.calls.map(([text]) => String(text)).join('');
    write.mockRestore();
    expect(printed.trimEnd().split('\n')).toHaveLength(1);
    expect(printed).toContain('Pool "pg": creation fails: down.');
  });

  it('that a logger of the application can not write harms nobody', async () => {
    log.error = () => {
      throw new Error('the disk is full');
    };
    const coordinator = await start();
    database.down = new Error('down');
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    await ask(coordinator, 2);
    database.down = undefined;
    await ask(coordinator, 2);
    expect(coordinator.stats().pools['pg']).toMatchObject({ created: 1 });
    expect(warned).toHaveBeenCalledTimes(1);
    warned.mockRestore();
  });
});
