import { ClosingProcess, type End } from './closing-process.fixture.js';
import type { ConnectionState } from './connection-states.fixture.js';
import { loadOn, type Moment } from './moments.fixture.js';
import { type Adapter, PLAN, type Plan, SAYS } from './plan.fixture.js';

/** What everything else may take (other hooks, closing the server, a busy machine), in milliseconds. */
export const ALLOWANCE = 3_000;

export interface Shutdown {
  state: ConnectionState;
  moment: Moment;
  adapter: Adapter;
  /** Whether the application uses the library. */
  module: boolean;
  node?: string;
  plan?: Partial<Plan>;
}

export interface Outcome {
  /** Milliseconds until the process had ended; `undefined` when it had not by the bound. */
  duration: number | undefined;
  bound: number;
  end: End | undefined;
  reported: boolean;
  /** Answers that had begun and were cut off, of the honest clients. */
  broken: number;
  output: string;
}

export function planOf({ state, moment, adapter, module, plan }: Shutdown): Plan {
  return { ...PLAN, ...state.plan, ...moment.plan, ...plan, adapter, module };
}

/** By when an application has to have ended. */
export function boundOf(plan: Plan): number {
  const { drainTimeout, retirementTimeout, bootstrap, laterHook } = plan;
  return Number(drainTimeout) + retirementTimeout + bootstrap + laterHook + ALLOWANCE;
}

/** Starts an application, brings it into a state, tells it to end, and watches. */
export async function shutDown(shutdown: Shutdown): Promise<Outcome> {
  const { state, moment, node } = shutdown;
  const plan = planOf(shutdown);
  const application = ClosingProcess.spawn(plan, node);
  try {
    if (moment.listening) await application.says(SAYS.ready);
    const load = moment.load === true ? loadOn(application) : undefined;
    await load?.flowing();
    const client = await state.establish(application);
    await moment.tell(application);
    const bound = boundOf(plan);
    const duration = await application.endsWithin(bound);
    client.leave();
    await load?.over();
    const { output, reported } = application;
    const end = duration === undefined ? undefined : application.end;
    return { duration, bound, end, reported, broken: load?.broken ?? 0, output };
  } finally {
    await application.stop();
  }
}

/** What is wrong with a shutdown; nothing, if all is well. */
export function faultsOf(outcome: Outcome, bare: End | undefined): string[] {
  const { duration, bound, end, reported, broken } = outcome;
  if (duration === undefined) return [`had not ended after ${bound} ms`];
  const faults: string[] = [];
  if (bare !== undefined && (end?.code !== bare.code || end?.signal !== bare.signal)) {
    faults.push(`ended by ${describeEnd(end)}, Nest alone by ${describeEnd(bare)}`);
  }
  if (!reported) faults.push('no drain report');
  if (broken > 0) faults.push(`${broken} answer(s) cut off in the middle`);
  return faults;
}

export function describeEnd(end: End | undefined): string {
  return end === undefined ? 'nothing' : (end.signal ?? `code ${end.code}`);
}
