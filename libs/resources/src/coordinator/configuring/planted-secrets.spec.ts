import { inspect } from 'node:util';
import { describe, expect, it, jest } from '@jest/globals';
import { Keyv } from 'keyv';
import type { CacheOptions } from '../../cache/cache-options.js';
import { ResourceError } from '../../errors/resource-error.js';
import { type BackupDocument, seal } from '../../lifecycle/backup/backup-document.js';
import type { ResourceFactory } from '../../pool/factory/resource-factory.js';
import type { PoolOptions } from '../../pool/pool-options.js';
import { ResourceBudget } from '../../pool/sizing/resource-budget.js';
import { describeCause } from '../../words/describe-cause.js';
import { ResourceCoordinator } from '../resource-coordinator.js';

/*
 * Wherever an application may have a secret in what it gives, this one has one: a word that nothing else has. None of them may be in anything
 * that is shown or written.
 */

const planted: string[] = [];

function secret(): string {
  const word = `hunter${planted.length}-${'x'.repeat(12)}`;
  planted.push(word);
  return word;
}

/** A function that has a secret in its name, its source, its closure and its members. */
function leaky<F extends (...args: never[]) => unknown>(work: F): F {
  const name = secret();
  const named = { [name]: (...args: never[]) => work(...args) }[name];
  return Object.assign(named, { password: secret() }) as unknown as F;
}

class Factory implements ResourceFactory<object> {
  readonly password = secret();
  readonly url = `postgres://app:${secret()}@db/app`;
  readonly #key = secret();
  failing = false;

  create(): object {
    const error = Object.assign(new Error(`password authentication failed: ${this.password}`), {
      code: secret(),
      name: secret(),
      connectionString: this.url,
    });
    if (this.failing) throw error;
    return { password: this.#key };
  }

  toJSON(): object {
    return { password: this.password };
  }

  [inspect.custom](): string {
    return this.password;
  }
}

const poolOptions = (): PoolOptions => {
  // What an application gives without a compiler may have more members than the types say, and values may be objects with more.
  const policy = { password: secret(), execute: leaky(() => Promise.resolve({})) };
  return {
    max: 3,
    quota: { budget: Object.assign(new ResourceBudget(9), { licence: secret() }) },
    validation: { isFatal: leaky(() => false) },
    retirement: { predicate: leaky(() => false) },
    creation: { policy: policy as never },
  };
};

const cacheOptions = (): CacheOptions => ({
  weigh: leaky(() => 1),
  stores: [Object.assign(new Keyv({ namespace: secret() }), { uri: `redis://:${secret()}@cache` })],
});

function clean(shown: unknown): void {
  const texts = [inspect(shown, { depth: 20, showHidden: false }), JSON.stringify(shown) ?? ''];
  for (const word of planted) for (const text of texts) expect(text).not.toContain(word);
}

const errorOf = async (work: () => unknown): Promise<ResourceError> => {
  try {
    await work();
  } catch (error) {
    if (error instanceof ResourceError) return error;
  }
  throw new Error('it was expected to be refused');
};

describe('no secret of what an application gives', () => {
  const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);

  const make = () => {
    const { stores: _, ...cache } = cacheOptions();
    const options = {
      cache: cacheOptions(),
      cachedResources: {
        tenant: Object.assign(
          { create: leaky(() => ({})) },
          { cache: { ...cache, validation: { isFatal: leaky(() => false) } } },
        ),
      },
    };
    const coordinator = new ResourceCoordinator(options);
    coordinator.register('pg', new Factory(), poolOptions());
    coordinator.register('inline', { create: leaky(() => ({})), validate: leaky(() => true) }, { keyed: {} });
    return coordinator;
  };

  const changed = async (coordinator: ResourceCoordinator): Promise<void> => {
    const { quota: _, ...options } = poolOptions();
    await coordinator.reconfigure('pg', { ...options, factory: new Factory(), idleTimeout: '1m' });
    await coordinator.reconfigure('inline', { factory: new Factory(), max: 2 });
    await coordinator.rollback('pg', undefined, { by: 'ann' });
    await coordinator.rollback('pg');
  };

  it('is in a history or in what has drifted', async () => {
    const coordinator = make();
    await changed(coordinator);
    const shown = [coordinator.history('pg'), coordinator.history('inline'), coordinator.drift()];
    expect(shown.map((each) => JSON.stringify(each)).join('')).toContain('***');
    clean(shown);
  });

  it('is in a backup, in what a restore reports, or in stats', async () => {
    const coordinator = make();
    const first = await coordinator.backup({ values: true });
    await changed(coordinator);
    const second = await coordinator.backup();
    const planned = await coordinator.restore(first, { dryRun: true });
    const restored = await coordinator.restore(first, { by: 'ann' });
    expect(restored).toMatchObject({ outcome: 'applied' });
    clean([first, second, planned, restored, coordinator.history('pg'), coordinator.stats()]);
  });

  it('is in a history whose changes have failed', async () => {
    const coordinator = make();
    const budget = new ResourceBudget(1);
    coordinator.register('small', new Factory(), { max: 1, quota: { budget } });
    const record = coordinator['changes'].history.begin('pg', {
      before: { factory: new Factory(), options: poolOptions() },
      after: { factory: new Factory(), options: poolOptions() },
    });
    const failing = new Factory();
    failing.failing = true;
    try {
      failing.create();
    } catch (error) {
      record.end('rolledBack', new AggregateError([error], secret(), { cause: error }));
    }
    expect(coordinator.history('pg').find(({ outcome }) => outcome === 'rolledBack')).toMatchObject({
      cause: 'AggregateError, because of Error',
    });
    clean(coordinator.history('pg'));
  });

  it('that a driver quotes is in stats, in errors, or in what the log is made of', async () => {
    const told: unknown[] = [];
    const coordinator = new ResourceCoordinator();
    coordinator.lifecycle$.subscribe((event) => told.push('cause' in event ? describeCause(event.cause) : 0));
    let failing = false;
    const create = (): object => {
      if (failing)
        throw new Error(`can't connect to postgres://app:${secret()}@db/app, password="${secret()}"`);
      return {};
    };
    coordinator.register('pg', { create }, { max: 1, creation: { retry: { attempts: 1 } } });
    await coordinator.reconfigure('pg', { max: 2 });
    failing = true;
    const { cause: _, ...report } = await coordinator.reconfigure('pg', { factory: { create } });
    const error = await errorOf(() => coordinator.acquire('pg', { timeout: 200 }));
    const stats = coordinator.stats();
    expect(stats.pools['pg'].failing?.cause).toContain('postgres://***@db/app');
    expect(stats.troubles).toHaveLength(1);
    clean([report, coordinator.history('pg'), stats, told, error.message, error.getResponse()]);
  });

  it('that stands in a damaged backup is in the error, or in its answer over HTTP', async () => {
    const coordinator = make();
    const damage: ((document: BackupDocument) => void)[] = [
      (document) => Object.assign(document.resources[0].options, { max: secret() }),
      (document) => Object.assign(document.resources[0].options, { idleTimeout: [secret()] }),
      (document) => Object.assign(document.resources[0].options, { queue: { order: secret() } }),
      (document) => Object.assign(document.resources[0].factory, { reference: secret() }),
      (document) =>
        Object.assign(document.resources[0], { origin: secret(), factory: { reference: 'run:pg@1' } }),
      (document) => Object.assign(document.resources[0], { password: secret() }),
      (document) => Object.assign(document.cache.options, { ttl: secret() }),
      (document) => Object.assign(document, { schema: secret() }),
      (document) => Object.assign(document, { takenAt: secret() }),
      (document) => Object.assign(document, { checksum: secret() }),
    ];
    for (const [index, change] of damage.entries()) {
      const document = JSON.parse(JSON.stringify(await coordinator.backup())) as BackupDocument;
      change(document);
      const sealed = index === damage.length - 1 ? document : seal(document);
      const error = await errorOf(() => coordinator.restore(sealed));
      clean([error.message, error.stack, Object.entries(error), error.getResponse()]);
    }
  });

  it('that a factory throws when it is looked at is in the error', async () => {
    const coordinator = new ResourceCoordinator();
    let throwing = false;
    const factory = {
      get create(): () => object {
        if (throwing) throw new Error(secret());
        return () => ({});
      },
    };
    coordinator.register('pg', factory, { max: 1 });
    const document = await coordinator.backup();
    await coordinator.reconfigure('pg', { max: 2 });
    throwing = true;
    const error = await errorOf(() => coordinator.restore(document));
    expect(error).toMatchObject({ path: 'resources[0].factory' });
    clean([error.message, error.stack, Object.entries(error), error.getResponse()]);
  });

  it('is in a warning', () => {
    clean(warned.mock.calls);
    warned.mockRestore();
  });
});
