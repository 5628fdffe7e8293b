import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../eventually.fixture.js';
import { HttpClient } from '../http-client.fixture.js';
import { Postgres } from '../postgres.fixture.js';
import { type EndingApplication, Load, startEnding } from './ending.fixture.js';
import { type Adapter, ADAPTERS, type EndingPlan, SAYS } from './plan.fixture.js';

/** What is said where nobody listens for signals. */
const MISSING = 'call app.enableShutdownHooks() in main.ts';

/** Started by the first that needs it: tests that run side by side wait for no `beforeAll`. */
let starting: Promise<Postgres> | undefined;
const server = (): Promise<Postgres> => (starting ??= Postgres.start());

afterAll(async () => {
  await (await starting)?.stop();
});

/**
 * What the adapters share is tried on one of them, in turn; with `EVERY_ADAPTER=1`, on each. What each does in a way of its own is tried
 * on each anyhow.
 */
const inTurn = <Row extends object>(rows: readonly Row[], first: Adapter): (Row & { adapter: Adapter })[] =>
  process.env.EVERY_ADAPTER === undefined
    ? rows.map((row, index) => ({
        ...row,
        adapter: ADAPTERS[(ADAPTERS.indexOf(first) + index) % ADAPTERS.length],
      }))
    : ADAPTERS.flatMap((adapter) => rows.map((row) => ({ ...row, adapter })));

const INTERVAL = 10;

/** What a probe and its application's other clients saw, in the order in which the answers came. */
class Probe {
  readonly seen: { asked: 'ready' | 'work'; status: number }[] = [];
  private stopped = false;
  private readonly asking: Promise<void>[];

  constructor(url: string) {
    this.asking = [
      this.ask('ready', url, '/ready', INTERVAL),
      ...Array.from({ length: 8 }, () => this.ask('work', url, '/work?ms=5', 0)),
    ];
  }

  count(asked: string, status: number): number {
    return this.seen.filter((each) => each.asked === asked && each.status === status).length;
  }

  /** The answers to work, from the first 503 of the probe to the last of the announcement. */
  workSince503(last: number): number[] {
    const first = this.seen.findIndex(({ asked, status }) => asked === 'ready' && status === 503);
    return this.seen
      .slice(first, last)
      .filter(({ asked }) => asked === 'work')
      .map(({ status }) => status);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.asking);
  }

  private async ask(asked: 'ready' | 'work', url: string, path: string, interval: number): Promise<void> {
    const http = new HttpClient(url);
    while (!this.stopped) {
      try {
        this.seen.push({ asked, status: (await http.send({ path })).status });
      } catch {
        await delay(5); // nobody is there any more
      }
      await delay(interval);
    }
    http.close();
  }
}

const started = async (plan: Partial<EndingPlan>): Promise<EndingApplication> => {
  const application = startEnding(await server(), plan);
  await application.process.says(SAYS.ready);
  return application;
};

const ended = async (application: EndingApplication): Promise<void> => {
  expect(await application.process.endsWithin(application.bound)).toBeDefined();
};

describe('an announcement', () => {
  it.concurrent.each(
    inTurn(
      [
        { told: 'SIGTERM', return503OnClosing: false },
        { told: 'SIGTERM', return503OnClosing: true },
        { told: 'close()', return503OnClosing: true },
        { told: 'close()', return503OnClosing: false },
      ],
      'express',
    ),
  )(
    'is heard first, and all work is served throughout: $told, return503OnClosing: $return503OnClosing, on $adapter',
    async ({ adapter, told, return503OnClosing }) => {
      const application = await started({ adapter, announceFor: 1_500, return503OnClosing });
      const { process } = application;
      const probe = new Probe(application.url);
      try {
        await eventually(() => expect(probe.count('work', 200)).toBeGreaterThan(20));
        expect(probe.count('ready', 503)).toBe(0);
        if (told === 'SIGTERM') process.kill();
        else application.close();
        await eventually(() => expect(probe.count('ready', 503)).toBeGreaterThan(0));
        const before = probe.seen.length;
        await eventually(() => expect(process.count(SAYS.paused)).toBe(1));
        const last = probe.seen.length;
        await ended(application);
        expect(last - before).toBeGreaterThan(20);
        const work = probe.workSince503(before + Math.floor((last - before) * 0.9));
        expect(work.length).toBeGreaterThan(10);
        expect(new Set(work)).toEqual(new Set([200]));
        expect(probe.seen.findIndex(({ status }) => status !== 200)).toBe(
          probe.seen.findIndex(({ asked, status }) => asked === 'ready' && status === 503),
        );
        expect(process.output.indexOf(SAYS.paused)).toBeLessThan(process.output.indexOf(SAYS.disconnected));
        expect(process.output).toMatch(/All leases came back.*announce \d{4} ms/);
      } finally {
        await process.stop();
        await probe.stop();
      }
    },
  );

  it.concurrent.each(inTurn([{}], 'express'))(
    'is ended by a second signal, with all that is waited for, on $adapter',
    async ({ adapter }) => {
      const application = await started({ adapter, announceFor: 120_000, drainTimeout: 120_000 });
      const { process } = application;
      try {
        const stuck = fetch(`${application.url}/work?ms=100000`).catch(() => 'cut off');
        await process.says(SAYS.working);
        await application.signal('SIGTERM', 2);
        expect(await process.endsWithin(60_000)).toBeDefined();
        expect(process.end).toEqual({ code: null, signal: 'SIGTERM' });
        expect(await stuck).toBe('cut off');
        expect(process.output).toContain('A second signal, SIGTERM');
        expect(process.output).toMatch(/1 lease\(s\) did not come back/);
      } finally {
        await process.stop();
      }
    },
  );

  it.concurrent.each(inTurn([{}], 'fastify'))(
    'is not ended by the echo of a signal, on $adapter',
    async ({ adapter }) => {
      const application = await started({ adapter, announceFor: 1_000 });
      const { process } = application;
      try {
        process.kill('SIGINT');
        process.kill('SIGINT');
        await ended(application);
        expect(process.output).toMatch(/announce \d{3,4} ms/);
        expect(process.output).not.toContain('A second signal');
      } finally {
        await process.stop();
      }
    },
  );
});

describe.each(ADAPTERS)('a shutdown on %s', (adapter) => {
  it.concurrent('closes the server as soon as the last answer is given, whatever is kept alive', async () => {
    const application = await started({ adapter, drainTimeout: 120_000 });
    const { process, url } = application;
    const kept = new HttpClient(url, 5);
    try {
      await kept.send({ path: '/work' });
      const last = kept.send({ path: '/work?ms=1500' });
      await eventually(() => expect(process.count(SAYS.working)).toBe(2));
      process.kill();
      expect((await last).status).toBe(200);
      // Node's own time-out of a connection that is kept alive is 5 s, Fastify's 72 s.
      await eventually(async () => expect(await refuses(process.ports.port)).toBe(true), 4_000);
      await ended(application);
    } finally {
      kept.close();
      await process.stop();
    }
  });

  it.concurrent('keeps an event stream until the deadline, and cuts it off then', async () => {
    const application = await started({ adapter, announceFor: 500, drainTimeout: 1_000 });
    const { process, url } = application;
    const agent = new Agent({ keepAlive: true });
    try {
      const [stream] = (await once(get(`${url}/events`, { agent }), 'response')) as [IncomingMessage];
      let heard = '';
      stream.setEncoding('utf8').on('data', (text: string) => (heard += text));
      const cut = once(stream, 'error');
      await eventually(() => expect(heard).toContain('data'));
      process.kill();
      await process.says(SAYS.disconnected);
      const before = heard.length;
      await eventually(() => expect(heard.length).toBeGreaterThan(before));
      expect(await cut).toEqual([expect.objectContaining({ code: 'ECONNRESET' })]);
      await ended(application);
      expect(process.output).toContain('Cut off 1 response(s)');
    } finally {
      agent.destroy();
      await process.stop();
    }
  });
});

describe('what is paused', () => {
  it.concurrent.each(inTurn([{}], 'fastify'))(
    'does not hold the shutdown when it hangs, and that is told, on $adapter',
    async ({ adapter }) => {
      const application = await started({ adapter, hangs: 'onDrain', drainTimeout: 2_000 });
      const load = new Load(application.url);
      try {
        await load.flowing();
        application.process.kill();
        await ended(application);
        await load.stop();
        expect(application.process.output).toMatch(
          /WARN.*The shutdown goes on without an onDrain hook: an onDrain hook did not settle within \d{3,4} ms/,
        );
        expect(application.process.output).toMatch(/All leases came back.*pause \d{3,4} ms/);
      } finally {
        await application.process.stop();
        await load.stop();
      }
    },
  );
});

describe('two applications of one process', () => {
  it.concurrent.each(inTurn([{}], 'fastify'))(
    'both come to their ends by one signal, each in its time, on $adapter',
    async ({ adapter }) => {
      const application = await started({ adapter, twice: true, drainTimeout: 30_000 });
      const { process } = application;
      try {
        const quick = fetch(`${application.url}/work?ms=1000`);
        const slow = fetch(`http://127.0.0.1:${process.ports.second}/work?ms=3000`);
        await process.says(SAYS.working, 2);
        process.kill();
        expect((await quick).status).toBe(200);
        expect((await slow).status).toBe(200); // the other one has ended before, and sent its signal again
        await ended(application);
        expect(process.end).toEqual({ code: null, signal: 'SIGTERM' });
        expect(process.count('All leases came back')).toBe(2);
        expect(process.output).not.toContain('A second signal');
        expect(process.output).not.toContain(MISSING);
      } finally {
        await process.stop();
      }
    },
  );

  it.concurrent.each(inTurn([{}], 'express'))(
    'are both hastened by a second signal, on $adapter',
    async ({ adapter }) => {
      const application = await started({ adapter, twice: true, drainTimeout: 120_000 });
      const { process } = application;
      try {
        const urls = [application.url, `http://127.0.0.1:${process.ports.second}`];
        const stuck = urls.map((url) => fetch(`${url}/work?ms=100000`).catch(() => 'cut off'));
        await process.says(SAYS.working, 2);
        await application.signal('SIGTERM', 2);
        expect(await process.endsWithin(60_000)).toBeDefined();
        expect(process.end).toEqual({ code: null, signal: 'SIGTERM' });
        expect(await Promise.all(stuck)).toEqual(['cut off', 'cut off']);
      } finally {
        await process.stop();
      }
    },
  );
});

describe('an application that nobody has told what to do at a signal', () => {
  it.concurrent('says so, once, when it serves', async () => {
    const application = await started({ hooks: 'nobody' });
    const { process } = application;
    try {
      await process.says(MISSING);
      await fetch(`${application.url}/work`);
      process.kill();
      await ended(application);
      expect(process.count(MISSING)).toBe(1);
      expect(process.output).toMatch(/WARN.*\[Resources\].*call app\.enableShutdownHooks/);
    } finally {
      await process.stop();
    }
  });

  it.concurrent.each([{ hooks: 'later' }, { hooks: 'own listener' }] as const)(
    'is none if there are shutdown hooks: $hooks',
    async ({ hooks }) => {
      const application = await started({ hooks });
      const { process } = application;
      try {
        await delay(1_500); // more than it waits for
        process.kill();
        await ended(application);
        expect(process.count(MISSING)).toBe(0);
        expect(process.output).toContain('All leases came back');
      } finally {
        await process.stop();
      }
    },
  );
});

/** Whether nobody takes connections at a port. */
function refuses(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(false);
    });
    socket.on('error', () => resolve(true));
  });
}
