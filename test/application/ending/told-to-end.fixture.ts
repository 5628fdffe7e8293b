import { setTimeout as delay } from 'node:timers/promises';
import { describeEnd } from '../../library/shutdown/shutdown.fixture.js';
import type { Postgres } from '../postgres.fixture.js';
import { type EndingApplication, startEnding } from './ending.fixture.js';
import type { Case } from './moments.fixture.js';
import type { Adapter } from './plan.fixture.js';

export interface Ended {
  /** Milliseconds from when it was told until it had ended; undefined when it had not by the bound. */
  duration: number | undefined;
  bound: number;
  /** What is wrong with it; nothing, if all is well. */
  faults: string[];
  application: EndingApplication;
}

/** Milliseconds in which the server has to have noticed that its clients are gone. */
const NOTICED_WITHIN = 10_000;

/** Starts an application, waits for its moment, tells it to end, and looks at what became of it. */
export async function toldToEnd(
  postgres: Postgres,
  adapter: Adapter,
  { plan, comes, tell, ...rest }: Case,
  node?: string,
): Promise<Ended> {
  const application = startEnding(postgres, { adapter, ...plan }, node);
  const { process, bound } = application;
  try {
    const load = await comes(application);
    await tell(application);
    const duration = await process.endsWithin(bound);
    await load?.stop();
    if (duration === undefined)
      return { duration, bound, application, faults: [`had not ended after ${bound} ms`] };
    const ends = rest.ends({ comes, ...rest }).map(describeEnd);
    const end = describeEnd(process.end);
    const faults = ends.includes(end) ? [] : [`ended by ${end} instead of ${ends.join(' or ')}`];
    return { duration, bound, application, faults: [...faults, ...(await leftBy(application))] };
  } finally {
    await process.stop();
  }
}

/** What was not destroyed, or more than once, and what is left at the server. */
async function leftBy(application: EndingApplication): Promise<string[]> {
  const faults: string[] = [];
  const { created, destroyed } = application.resources;
  const { end } = application.process;
  const exitedAtOnce = end?.code === 130 || end?.code === 143; // a third signal waits for nothing
  const same = exitedAtOnce
    ? destroyed.length === new Set(destroyed).size
    : destroyed.join() === created.join();
  if (!same) faults.push(`created ${created.join(' ')}, destroyed ${destroyed.join(' ')}`);
  if (created.length === 0 && application.plan.hangs === 'nothing') faults.push('created nothing');
  const giveUpAt = performance.now() + NOTICED_WITHIN;
  let sessions = await application.sessions();
  while (sessions > 0 && performance.now() < giveUpAt) {
    await delay(25);
    sessions = await application.sessions();
  }
  if (sessions > 0) faults.push(`${sessions} session(s) left at the server`);
  return faults;
}
