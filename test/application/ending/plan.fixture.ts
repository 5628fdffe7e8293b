export const ADAPTERS = ['express', 'fastify'] as const;
export type Adapter = (typeof ADAPTERS)[number];

/** How the application of one end is made. It travels to its process in the environment. Durations in milliseconds. */
export interface EndingPlan {
  adapter: Adapter;
  /** Where its sessions go. */
  databaseUrl: string;
  /** What its sessions are called at the server. */
  sessions: string;
  announceFor: number;
  drainTimeout: number;
  retirementTimeout: number;
  return503OnClosing: boolean;
  /** Whether a failing start ends the process as Nest does by default. */
  abortOnError: boolean;
  /** How long a hook of the application's own takes at the start, and `listen()` waits after it. */
  initialising: number;
  beforeListening: number;
  /** What never comes to its end. */
  hangs: 'nothing' | 'create' | 'destroy' | 'onDrain' | 'onModuleDestroy';
  /** What fails at the start. */
  fails: 'nothing' | 'create' | 'onModuleInit' | 'onApplicationBootstrap' | 'listen';
  /** How far a change of generations gets by itself; it begins when somebody asks for `/reconfigure`. */
  reconfiguration: 'proves' | 'bakes' | 'goes back';
  /** Whether the process has a second application of the same kind, on a port of its own. */
  twice: boolean;
  /** Who calls `enableShutdownHooks()`. */
  hooks: 'main' | 'nobody' | 'later' | 'own listener';
}

export const PLAN: Omit<EndingPlan, 'databaseUrl' | 'sessions'> = {
  adapter: 'express',
  announceFor: 0,
  drainTimeout: 2_000,
  retirementTimeout: 400,
  return503OnClosing: false,
  abortOnError: false,
  initialising: 0,
  beforeListening: 0,
  hangs: 'nothing',
  fails: 'nothing',
  reconfiguration: 'bakes',
  twice: false,
  hooks: 'main',
};

/** What the application says on its standard output, one line each. */
export const SAYS = {
  initialising: '# initialising',
  /** The one resource is being made that may never come. */
  creatingLast: '# creating the last',
  initialised: '# initialised',
  ready: /^ready (\d+) (\d+)$/m,
  paused: '# paused',
  /** A module of the application's own has given up what it works with. */
  disconnected: '# disconnected',
  /** Followed by the milliseconds that it takes. */
  working: '# working',
  /** The first resource of the next generation is being proved, and never will be. */
  proving: '# proving',
  baking: '# baking',
  goingBack: '# going back',
  created: /^created (\d+)$/gm,
  creating: /^created \d+$/m,
  destroyed: /^destroyed (\d+)$/gm,
  destroying: /^destroyed \d+$/m,
  report: /\[Resources\].*\blease/i,
} as const;

/** Has the application close itself: a signal that Nest does not listen for here. */
export const CLOSE = 'SIGUSR2';
