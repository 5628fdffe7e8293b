import { afterAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../eventually.fixture.js';
import type { End } from '../../library/shutdown/closing-process.fixture.js';
import { Postgres } from '../postgres.fixture.js';
import { type EndingApplication, Load, startEnding } from './ending.fixture.js';
import { ADAPTERS, type EndingPlan, SAYS } from './plan.fixture.js';

/** When in its life an application is told to end. */
interface Moment {
  moment: string;
  plan?: Partial<EndingPlan>;
  /** Resolves when it has come. */
  comes(application: EndingApplication): Promise<Load | undefined>;
  /** Whether something outlasts whoever insists: then only a third signal ends the process sooner. */
  lasts?: boolean;
}

/** How it is told, and how it may end. */
interface Way {
  way: string;
  tell(application: EndingApplication): Promise<void>;
  ends(moment: Moment): End[];
}

const says =
  (line: string | RegExp): Moment['comes'] =>
  async ({ process }) => {
    await process.says(line);
    return undefined;
  };

const underLoad: Moment['comes'] = async (application) => {
  await application.process.says(SAYS.ready);
  const load = new Load(application.url);
  await load.flowing();
  return load;
};

/** What comes only when an end has begun; so `close()` begins it. */
const closing =
  (line: string | RegExp): Moment['comes'] =>
  async (application) => {
    const load = await underLoad(application);
    application.close();
    await application.process.says(line);
    return load;
  };

const LONG = 30_000;

const MOMENTS: Moment[] = [
  { moment: 'module init', plan: { initialising: 1_000 }, comes: says(SAYS.initialising) },
  { moment: 'warm-up, which hangs', plan: { hangs: 'create' }, comes: says(SAYS.creatingLast) },
  { moment: 'between init and listen', plan: { beforeListening: 1_000 }, comes: says(SAYS.initialised) },
  { moment: 'under load', comes: underLoad },
  {
    moment: 'the announcement',
    plan: { announceFor: 1_500 },
    comes: async (application) => {
      const load = await underLoad(application);
      application.close();
      await eventually(async () => expect((await fetch(`${application.url}/ready`)).status).toBe(503));
      return load;
    },
  },
  {
    moment: 'draining',
    comes: async (application) => {
      const load = await underLoad(application);
      void fetch(`${application.url}/work?ms=60000`).catch(() => undefined);
      await eventually(async () => expect(application.process.count(SAYS.working)).toBeGreaterThan(0));
      application.close();
      await application.process.says(SAYS.disconnected);
      return load;
    },
  },
  {
    moment: 'while a destroy hangs',
    plan: { hangs: 'destroy', retirementTimeout: 3_000 },
    comes: closing(SAYS.destroying),
  },
  {
    moment: 'while a hook of its own hangs',
    plan: { hangs: 'onModuleDestroy', retirementTimeout: LONG },
    comes: closing(SAYS.disconnected),
    lasts: true,
  },
];

const killed = (signal: NodeJS.Signals): End => ({ code: null, signal });
const exited = (code: number): End => ({ code, signal: null });

const OTHER_KIND = 'three signals of the other kind';

const WAYS: Way[] = [
  ...(['SIGTERM', 'SIGINT'] as const).map((signal) => ({
    way: signal,
    tell: (application: EndingApplication) => application.signal(signal, 1),
    ends: () => [killed(signal)],
  })),
  {
    way: 'two signals',
    tell: (application) => application.signal('SIGTERM', 2),
    ends: () => [killed('SIGTERM')],
  },
  {
    way: 'three signals',
    tell: (application) => application.signal('SIGTERM', 3),
    ends: ({ lasts = false }) => (lasts ? [exited(143)] : [exited(143), killed('SIGTERM')]),
  },
  {
    way: OTHER_KIND,
    tell: (application) => application.signal('SIGINT', 3),
    ends: ({ lasts = false }) => (lasts ? [exited(130)] : [exited(130), killed('SIGINT')]),
  },
  { way: 'close()', tell: async (application) => application.close(), ends: () => [exited(0)] },
];

/** A hook of the application's own that never ends holds up everything but a third signal. */
const meet = ({ lasts = false }: Moment, { way }: Way): boolean =>
  lasts ? way.startsWith('three') : way !== OTHER_KIND;

const CASES = MOMENTS.flatMap((moment) =>
  WAYS.filter((way) => meet(moment, way)).map((way) => ({ ...moment, ...way })),
);

/** Started by the first that needs it: tests that run side by side wait for no `beforeAll`. */
let starting: Promise<Postgres> | undefined;
const server = (): Promise<Postgres> => (starting ??= Postgres.start());

afterAll(async () => {
  await (await starting)?.stop();
});

describe.each(ADAPTERS)('an application on %s that is told to end', (adapter) => {
  it.concurrent.each(CASES)('$moment, by $way', async (told) => {
    const application = startEnding(await server(), { adapter, ...told.plan });
    const { process } = application;
    try {
      const load = await told.comes(application);
      await told.tell(application);
      expect(await process.endsWithin(application.bound)).toBeDefined();
      await load?.stop();
      expect(told.ends(told)).toContainEqual(process.end);
      if (process.end?.code === null || process.end?.code === 0) {
        const { created, destroyed } = application.resources;
        expect(destroyed).toEqual(created);
      }
      await eventually(async () => expect(await application.sessions()).toBe(0));
    } finally {
      await process.stop();
    }
  });
});

describe.each(ADAPTERS)('an application on %s whose start fails', (adapter) => {
  const FAILURES = (['create', 'onModuleInit', 'onApplicationBootstrap', 'listen'] as const).map((fails) => ({
    fails,
  }));

  it.concurrent.each(FAILURES)('in $fails has destroyed what it had, and exits with 1', async ({ fails }) => {
    const application = startEnding(await server(), { adapter, fails });
    const { process } = application;
    try {
      expect(await process.endsWithin(application.bound)).toBeDefined();
      expect(process.end).toEqual(exited(1));
      const { created, destroyed } = application.resources;
      expect(created.length).toBeGreaterThan(0);
      expect(destroyed).toEqual(created);
      await eventually(async () => expect(await application.sessions()).toBe(0));
    } finally {
      await process.stop();
    }
  });

  it.concurrent.each(FAILURES.filter(({ fails }) => fails !== 'listen'))(
    'in $fails has destroyed what it had before Nest ends the process',
    async ({ fails }) => {
      const application = startEnding(await server(), { adapter, fails, abortOnError: true });
      const { process } = application;
      try {
        expect(await process.endsWithin(application.bound)).toBeDefined();
        expect(process.end).toEqual(exited(1));
        const { created, destroyed } = application.resources;
        expect(destroyed).toEqual(created);
        await eventually(async () => expect(await application.sessions()).toBe(0));
      } finally {
        await process.stop();
      }
    },
  );
});
