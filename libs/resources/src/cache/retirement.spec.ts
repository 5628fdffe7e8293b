import { describe, expect, it } from '@jest/globals';
import type { CacheEvent } from '../reports/cache-event.js';
import { PoolClosedError } from '../errors/pool-closed-error.js';
import { ResourceCreationError } from '../errors/resource-creation-error.js';
import { settle, VirtualClock } from '../time/virtual-clock.fixture.js';
import { type CachedResourceFactory, CachedResources, type CreateCachedContext } from './cached-resources.js';

interface Client {
  readonly key: string;
  readonly serial: number;
}

/** Clients that are counted, with what each was told at its creation. */
class Clients implements CachedResourceFactory<Client> {
  readonly contexts: CreateCachedContext[] = [];
  readonly destroyed: number[] = [];
  creating: (context: CreateCachedContext) => void = () => undefined;

  create(context: CreateCachedContext): Client {
    this.contexts.push(context);
    this.creating(context);
    return { key: context.key, serial: this.contexts.length };
  }

  destroy({ serial }: Client): void {
    this.destroyed.push(serial);
  }
}

function start() {
  const clients = new Clients();
  return { clients, cached: new CachedResources('client', clients, {}, { clock: new VirtualClock() }) };
}

describe('a cached resource that says that it has died', () => {
  it('is destroyed if nobody uses it, and the next caller gets another', async () => {
    const { clients, cached } = start();
    await (await cached.lease('acme')).release();
    clients.contexts[0]?.retire(new Error('connection terminated'));
    await settle();
    expect(clients.destroyed).toEqual([1]);
    expect((await cached.lease('acme')).resource.serial).toBe(2);
    expect(cached.stats.evictions.invalid).toBe(1);
  });

  it('is lent to nobody else, and is destroyed after its last lease', async () => {
    const { clients, cached } = start();
    const [one, other] = [await cached.lease('acme'), await cached.lease('acme')];
    clients.contexts[0]?.retire();
    const next = await cached.lease('acme');
    expect([one.resource.serial, next.resource.serial]).toEqual([1, 2]);
    await one.release();
    expect(clients.destroyed).toEqual([]);
    await other.release();
    await settle();
    expect(clients.destroyed).toEqual([1]);
  });

  it('says so any number of times, and late, without touching its successor', async () => {
    const { clients, cached } = start();
    await (await cached.lease('acme')).release();
    for (let time = 0; time < 3; time++) clients.contexts[0]?.retire();
    await settle();
    const next = await cached.lease('acme');
    clients.contexts[0]?.retire();
    await next.release();
    await settle();
    expect(clients.destroyed).toEqual([1]);
    expect((await cached.lease('acme')).resource.serial).toBe(2);
  });

  it('touches no other key', async () => {
    const { clients, cached } = start();
    await (await cached.lease('acme')).release();
    await (await cached.lease('globex')).release();
    clients.contexts[0]?.retire();
    await settle();
    expect(clients.destroyed).toEqual([1]);
    expect((await cached.lease('globex')).resource.serial).toBe(2);
  });

  it('before it is there fails all who wait for it, with the cause, and is destroyed', async () => {
    const { clients, cached } = start();
    const cause = new Error('reset by peer');
    clients.creating = ({ retire }) => retire(cause);
    const asked = await Promise.allSettled([cached.lease('acme'), cached.lease('acme', { owner: 'find' })]);
    for (const result of asked) {
      expect(result).toMatchObject({ status: 'rejected', reason: { cause } });
      expect((result as PromiseRejectedResult).reason).toBeInstanceOf(ResourceCreationError);
    }
    await settle();
    expect(clients.destroyed).toEqual([1]);
    clients.creating = () => undefined;
    expect((await cached.lease('acme')).resource.serial).toBe(2);
  });
});

describe('a cached resource that dies between its creation and its first loan', () => {
  const cause = new Error('accepted, and hung up');
  const later = async (steps: number): Promise<void> => {
    for (let step = 0; step < steps; step++) await Promise.resolve();
  };

  it.each(Array.from({ length: 10 }, (_, steps) => steps))(
    'is lent to nobody after it, nor twice destroyed, %i steps after "create"',
    async (steps) => {
      const { clients, cached } = start();
      clients.creating = ({ retire }) => {
        clients.creating = () => undefined;
        void later(steps).then(() => retire(cause));
      };
      const asked = ['one', 'other'].map((owner) =>
        cached.lease('acme', { owner }).then(
          (lease) => lease.release(),
          () => undefined,
        ),
      );
      await Promise.all(asked);
      await settle();
      expect(clients.destroyed).toEqual([1]);
      expect((await cached.lease('acme')).resource.serial).toBe(2);
    },
  );

  it('is told once, whoever waits for it, and not lent by tryLease meanwhile', async () => {
    const { clients, cached } = start();
    const events: CacheEvent[] = [];
    cached.observe((event) => events.push(event));
    clients.creating = ({ retire }) => retire(cause);
    const tried = new Set<unknown>();
    const asked = ['one', 'other'].map((owner) => cached.lease('acme', { owner }));
    const outcome = Promise.allSettled(asked);
    for (let step = 0; step < 20; step++) {
      tried.add(cached.tryLease('acme'));
      await Promise.resolve();
    }
    expect((await outcome).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect([...tried]).toEqual([undefined]);
    expect(events).toEqual([{ kind: 'creationFailed', type: 'client', key: 'acme', cause }]);
  });

  it('may be the object that comes next, alive', async () => {
    const client = { key: 'acme', serial: 1 };
    let isDead = true;
    const create = ({ retire }: CreateCachedContext): Client => {
      if (isDead) retire(cause);
      return client;
    };
    const cached = new CachedResources('client', { create }, {}, { clock: new VirtualClock() });
    await expect(cached.lease('acme')).rejects.toThrow('hung up');
    isDead = false;
    expect((await cached.lease('acme')).resource).toBe(client);
  });
});

describe('a create of a cached resource that gives an answer', () => {
  it('gives it to all who asked for the key, as it is', async () => {
    const { clients, cached } = start();
    const answer = Object.assign(new Error('no such tenant'), {
      getStatus: () => 404,
      getResponse: () => 'no such tenant',
    });
    clients.creating = ({ key }) => {
      if (key === 'nobody') throw answer;
    };
    const asked = await Promise.allSettled(['nobody', 'nobody', 'acme'].map((key) => cached.lease(key)));
    expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    expect(asked.slice(0, 2)).toEqual([
      { status: 'rejected', reason: answer },
      { status: 'rejected', reason: answer },
    ]);
  });

  it('gives none with an error of ours: what it borrows was not to be had', async () => {
    const { clients, cached } = start();
    const events: CacheEvent[] = [];
    cached.observe((event) => events.push(event));
    const cause = new PoolClosedError('tunnel', 'find');
    clients.creating = () => {
      throw cause;
    };
    await expect(cached.lease('acme')).rejects.toMatchObject({ name: 'ResourceCreationError', cause });
    expect(events).toEqual([{ kind: 'creationFailed', type: 'client', key: 'acme', cause }]);
  });
});

describe('the events of a cached resource type', () => {
  it('say that a creation failed, with the cause, once for all who waited for it', async () => {
    const { clients, cached } = start();
    const events: CacheEvent[] = [];
    const stop = cached.observe((event) => events.push(event));
    const cause = new Error('refused');
    clients.creating = () => {
      throw cause;
    };
    await Promise.allSettled([cached.lease('acme'), cached.lease('acme')]);
    expect(events).toEqual([{ kind: 'creationFailed', type: 'client', key: 'acme', cause }]);
    stop();
    await Promise.allSettled([cached.lease('acme')]);
    expect(events).toHaveLength(1);
  });

  it('say nothing of an answer', async () => {
    const { clients, cached } = start();
    const events: CacheEvent[] = [];
    cached.observe((event) => events.push(event));
    clients.creating = () => {
      throw Object.assign(new Error('no'), { getStatus: () => 404, getResponse: () => 'no' });
    };
    await Promise.allSettled([cached.lease('nobody')]);
    expect(events).toEqual([]);
  });

  it('say who was refused, and who waited in vain', async () => {
    const clock = new VirtualClock();
    const options = { max: 1, lease: { maxWaiting: 1, timeout: 1_000 } };
    const cached = new CachedResources('client', new Clients(), options, { clock });
    const events: CacheEvent[] = [];
    cached.observe((event) => events.push(event));
    const held = await cached.lease('acme');
    const asked = ['late', 'refused'].map((owner) => cached.lease(owner, { owner }).catch(() => undefined));
    await clock.advance(1_100);
    await Promise.all(asked);
    expect(events).toEqual([
      { kind: 'refused', type: 'client', key: 'refused', owner: 'refused' },
      { kind: 'timeout', type: 'client', key: 'late', owner: 'late' },
    ]);
    await held.release();
  });

  it('say that a creation did not end in time', async () => {
    const clock = new VirtualClock();
    const factory = { create: () => new Promise<Client>(() => undefined) };
    const cached = new CachedResources('client', factory, { load: { timeout: 500 } }, { clock });
    const events: CacheEvent[] = [];
    cached.observe((event) => events.push(event));
    const asked = cached.lease('acme').catch(() => undefined);
    await clock.advance(600);
    await asked;
    expect(events).toMatchObject([{ kind: 'creationFailed', key: 'acme', cause: { waitedFor: 'load' } }]);
  });
});

describe('the destruction of a cached resource', () => {
  it('hears by its signal that lease.destroyTimeout is over', async () => {
    const clock = new VirtualClock();
    let signal: AbortSignal | undefined;
    const factory: CachedResourceFactory<object> = {
      create: () => ({}),
      destroy(_, context) {
        ({ signal } = context);
        return new Promise(() => undefined);
      },
    };
    const cached = new CachedResources('client', factory, { lease: { destroyTimeout: '2s' } }, { clock });
    await (await cached.lease('acme')).release();
    await cached.delete('acme');
    await settle();
    await clock.advance(1_990);
    expect(signal?.aborted).toBe(false);
    await clock.advance(20);
    expect(signal?.aborted).toBe(true);
  });
});
