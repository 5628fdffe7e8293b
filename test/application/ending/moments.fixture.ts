import { setTimeout as delay } from 'node:timers/promises';
import type { End } from '../../library/shutdown/closing-process.fixture.js';
import { type EndingApplication, Load } from './ending.fixture.js';
import { type EndingPlan, SAYS } from './plan.fixture.js';

/** When in its life an application is told to end. */
export interface Moment {
  moment: string;
  plan?: Partial<EndingPlan>;
  /** Resolves when it has come. */
  comes(application: EndingApplication): Promise<Load | undefined>;
  /** Whether something outlasts whoever insists: then only a third signal ends the process sooner. */
  lasts?: boolean;
}

/** How it is told, and how it may end. */
export interface Way {
  way: string;
  tell(application: EndingApplication): Promise<void>;
  ends(moment: Moment): End[];
}

export type Case = Moment & Way;

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

const reconfiguring =
  (line: string): Moment['comes'] =>
  async (application) => {
    const load = await underLoad(application);
    await fetch(`${application.url}/reconfigure`);
    await application.process.says(line);
    return load;
  };

const LONG = 30_000;
const STUCK = 60_000;

export const MOMENTS: readonly Moment[] = [
  { moment: 'module init', plan: { initialising: 1_000 }, comes: says(SAYS.initialising) },
  { moment: 'warm-up, which hangs', plan: { hangs: 'create' }, comes: says(SAYS.creatingLast) },
  { moment: 'between init and listen', plan: { beforeListening: 1_000 }, comes: says(SAYS.initialised) },
  { moment: 'under load', comes: underLoad },
  {
    moment: 'a reconfiguration',
    plan: { reconfiguration: 'proves' },
    comes: reconfiguring(SAYS.proving),
  },
  { moment: 'a bake', plan: { reconfiguration: 'bakes' }, comes: reconfiguring(SAYS.baking) },
  { moment: 'a rollback', plan: { reconfiguration: 'goes back' }, comes: reconfiguring(SAYS.goingBack) },
  {
    moment: 'the announcement',
    plan: { announceFor: 1_500 },
    comes: async (application) => {
      const load = await underLoad(application);
      application.close();
      while ((await fetch(`${application.url}/ready`)).status !== 503) await delay(5);
      return load;
    },
  },
  {
    moment: 'draining',
    comes: async (application) => {
      const load = await underLoad(application);
      void fetch(`${application.url}/work?ms=${STUCK}`).catch(() => undefined);
      await application.process.says(`${SAYS.working} ${STUCK}`);
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

const thrice = (way: string, signal: NodeJS.Signals, code: number): Way => ({
  way,
  tell: (application) => application.signal(signal, 3),
  ends: ({ lasts = false }) => (lasts ? [exited(code)] : [exited(code), killed(signal)]),
});

const OTHER_KIND = 'three signals of the other kind';

export const WAYS: readonly Way[] = [
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
  thrice('three signals', 'SIGTERM', 143),
  thrice(OTHER_KIND, 'SIGINT', 130),
  { way: 'close()', tell: async (application) => application.close(), ends: () => [exited(0)] },
];

/** A hook of the application's own that never ends holds up everything but a third signal. */
const meet = ({ lasts = false }: Moment, { way }: Way): boolean =>
  lasts ? way.startsWith('three') : way !== OTHER_KIND;

/** Every moment with every way that meets it. */
export const CASES: readonly Case[] = MOMENTS.flatMap((moment) =>
  WAYS.filter((way) => meet(moment, way)).map((way) => ({ ...moment, ...way })),
);

/** A start that fails where it may, and whether Nest ends the process then, as it does by default. */
export const FAILING_STARTS: readonly Case[] = (
  ['create', 'onModuleInit', 'onApplicationBootstrap', 'listen'] as const
).flatMap((fails) =>
  (fails === 'listen' ? [false] : [false, true]).map((abortOnError) => ({
    moment: `a start that fails in ${fails}`,
    way: abortOnError ? 'Nest' : 'itself',
    plan: { fails, abortOnError },
    comes: says(SAYS.creating),
    tell: async () => undefined,
    ends: () => [exited(1)],
  })),
);
