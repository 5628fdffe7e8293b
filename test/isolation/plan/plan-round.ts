import { Random } from '../../../bench/src/command/random.js';
import {
  type Adapter,
  type Borrower,
  BORROWERS,
  type ClientEnd,
  type Exchange,
  type Fault,
  FAULTS,
  type Handler,
  HANDLERS,
  type Lane,
  type Loss,
  type PlannedRequest,
  type Round,
  STREAMED,
  TENANTS,
} from './plan.js';

/** What a plan is made of, besides the seed. */
export interface PlanOptions {
  readonly adapter: Adapter;
  /** Clients at a time. */
  readonly clients: number;
  /** Requests of a round. */
  readonly size: number;
  /** Handlers to ask for. Default: all. */
  readonly handlers?: readonly Handler[];
}

const USERS = 3;
const MOST_PAUSES = 8;
const ONE_IN = { pipelined: 12, hangUp: 6, slow: 25, lossy: 4, borrowing: 4, faulty: 6, otherApplication: 4 };
const WAYS = ['reset', 'destroy', 'end'] as const;
/** Waiting is when the server works. */
const MOMENTS = ['sent', 'waited', 'waited', 'received'] as const;
/** Bytes, milliseconds, bytes. */
const MOST = { sent: 250, waited: 12, received: 500 };
/** Costly ones come seldom, so that the others come often. */
const SELDOM: readonly Handler[] = ['request-scoped', 'durable', 'events', 'file', 'stream', 'unclosed'];
const FASTIFY_ONLY: readonly Loss[] = ['hook'];
/** They end the connection, or need another body than the middleware leaves. */
const WITH_BODY: readonly Handler[] = ['post'];
/** They borrow a session, or nothing: whoever borrows one after them waits for nobody who waits for them. */
const OF_SESSIONS: readonly Handler[] = [
  'nothing',
  'parameter',
  'service',
  'use',
  'leases',
  'released',
  'transaction',
  'thenable',
  'post',
  'observable',
  'stepwise',
  'generator',
  'file',
  'stream',
  'response',
  'response-promise',
];
const OTHER_TYPES: readonly Handler[] = ['keyed-parameter', 'cached-parameter'];
const UNGUARDED: readonly Handler[] = ['mounted', 'mounted-callback'];

/** The plan of one round: the same for the same seed, number and options. */
export function planRound(seed: number, number: number, options: PlanOptions): Round {
  const planner = new Planner(new Random(seed ^ Math.imul(number + 1, 0x9e3779b1)), number, options);
  return planner.plan();
}

class Planner {
  private planned = 0;
  private readonly handlers: readonly Handler[];
  private readonly plain: readonly Handler[];

  constructor(
    private readonly random: Random,
    private readonly number: number,
    private readonly options: PlanOptions,
  ) {
    const { handlers = HANDLERS } = options;
    const weighted = handlers.flatMap((handler) =>
      SELDOM.includes(handler) ? [handler] : times(3, handler),
    );
    this.handlers = weighted;
    this.plain = weighted.filter((handler) => !STREAMED.includes(handler));
  }

  plan(): Round {
    const { clients, size } = this.options;
    const drafts = Array.from({ length: clients }, (_, index) => ({
      // Nest itself keeps requests of a connection that has carried a stream, until that is closed.
      streams: index % 3 !== 0 || this.plain.length === 0,
      application: this.oneIn(ONE_IN.otherApplication) ? (1 as const) : (0 as const),
      exchanges: [] as Exchange[],
    }));
    while (this.planned < size) {
      for (const lane of drafts) if (this.planned < size) lane.exchanges.push(this.exchange(lane));
    }
    const played = drafts.filter(({ exchanges }) => exchanges.length > 0);
    return {
      number: this.number,
      lanes: played.map(({ application, exchanges }) => ({ application, exchanges })),
    };
  }

  private exchange({
    application,
    streams,
  }: {
    application: Lane['application'];
    streams: boolean;
  }): Exchange {
    const { random } = this;
    const length = this.oneIn(ONE_IN.pipelined) ? 2 + Math.floor(random.next() * 3) : 1;
    const requests = Array.from({ length }, () =>
      this.request(application, streams ? this.handlers : this.plain),
    );
    const end = this.end(requests);
    return { requests, end, reading: this.oneIn(ONE_IN.slow) ? 1 + Math.floor(random.next() * 4) : 0 };
  }

  private end([first, ...more]: readonly PlannedRequest[]): ClientEnd {
    const { random } = this;
    // Bodies that are being decompressed when the client leaves.
    if (first?.gzip && more.length === 0 && this.oneIn(2)) return hangUp('reset', 'waited', 0);
    if (!this.oneIn(ONE_IN.hangUp)) return { kind: 'keep' };
    const how = random.pick(WAYS);
    const after = random.pick(MOMENTS);
    return hangUp(how, after, Math.floor(random.next() * MOST[after]));
  }

  private request(application: Lane['application'], handlers: readonly Handler[]): PlannedRequest {
    const { random } = this;
    const handler = random.pick(handlers as [Handler, ...Handler[]]); // there is one
    const posted = WITH_BODY.includes(handler);
    const losses = this.losses(handler, application);
    return {
      id: this.number * this.options.size * 2 + ++this.planned,
      handler,
      tenant: random.pick(TENANTS),
      user: `user-${1 + Math.floor(random.next() * USERS)}`,
      losses,
      borrowers: this.oneIn(ONE_IN.borrowing)
        ? [random.pick(BORROWERS)].filter((borrower) => fits(handler, borrower))
        : [],
      fault: this.fault(handler),
      pauses: Array.from({ length: 1 + Math.floor(random.next() * MOST_PAUSES) }, () => this.pause()),
      bytes: posted ? 20 + Math.floor(random.next() * 2_000) : losses.includes('body') ? 30 : 0,
      gzip: posted && this.options.adapter === 'express' && random.chance(0.7),
    };
  }

  private losses(handler: Handler, application: Lane['application']): Loss[] {
    if (!this.oneIn(ONE_IN.lossy)) return [];
    const { adapter } = this.options;
    const possible: Loss[] = ['platform', 'guard', 'interceptor', 'answer', 'filter'];
    // The second application has no middleware: Fastify then goes other ways.
    if (application === 0) possible.push('middleware', 'middleware');
    if (application === 0 && !WITH_BODY.includes(handler) && adapter === 'express') possible.push('body');
    if (adapter === 'fastify') possible.push(...FASTIFY_ONLY);
    const fitting = possible.filter(
      (loss) => !UNGUARDED.includes(handler) || loss === 'platform' || loss === 'middleware',
    );
    const { random } = this;
    const first = random.pick(fitting as [Loss, ...Loss[]]); // 'platform' fits all
    const second = random.pick(fitting as [Loss, ...Loss[]]);
    return first === second || random.chance(0.7) ? [first] : [first, second];
  }

  private fault(handler: Handler): Fault | undefined {
    if (UNGUARDED.includes(handler) || !this.oneIn(ONE_IN.faulty)) return undefined;
    return this.random.pick(FAULTS);
  }

  /** Mostly a turn or two; now and then long enough for others to come and go. */
  private pause(): number {
    const { random } = this;
    if (random.chance(0.6)) return 0;
    return random.chance(0.85) ? 1 : 2 + Math.floor(random.next() * 8);
  }

  private oneIn(count: number): boolean {
    return this.random.chance(1 / count);
  }
}

/**
 * Before a route of the platform's own only middleware borrows. And a pipe borrows beside the acquisition of the
 * other parameters: with two types, two requests would wait for each other.
 */
function fits(handler: Handler, borrower: Borrower): boolean {
  if (UNGUARDED.includes(handler)) return borrower === 'middleware';
  if (borrower === 'answer') return OF_SESSIONS.includes(handler);
  return borrower !== 'pipe' || !OTHER_TYPES.includes(handler);
}

function hangUp(how: (typeof WAYS)[number], after: (typeof MOMENTS)[number], amount: number): ClientEnd {
  return { kind: 'hang-up', how, after, amount };
}

function times<V>(count: number, value: V): V[] {
  return Array.from({ length: count }, () => value);
}
