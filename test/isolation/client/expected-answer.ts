import type { Fault, Handler, PlannedRequest } from '../plan/plan.js';
import type { ReceivedAnswer } from './answer-reader.js';

/** What each fault may be answered with. */
const STATUSES: Record<Fault, readonly number[]> = {
  guard: [403],
  pipe: [400],
  handler: [500],
  'time-out': [200, 408],
  session: [200],
};
/** They have begun their answer before their handler could fail, or don't fail at all. */
const NEVER_FAIL: readonly Handler[] = [
  'generator',
  'file',
  'stream',
  'unclosed',
  'events',
  'response',
  'response-promise',
  'response-later',
];
const MARK = /<(\d+\/\w+)>/g;

/** @returns what is wrong with an answer, or `undefined` */
export function wrongIn(plan: PlannedRequest, { status, body }: ReceivedAnswer): string | undefined {
  const own = `${plan.id}/${plan.tenant}`;
  const marks = [...body.matchAll(MARK)].map(([, mark]) => mark);
  const foreign = marks.find((mark) => mark !== own);
  if (foreign !== undefined) return `<${own}> gets the answer of <${foreign}>`;
  const allowed = statusesOf(plan);
  if (!allowed.includes(status))
    return `<${own}> gets ${status}, not ${allowed.join(' or ')}: ${body.slice(0, 200)}`;
  return marks.length === 0 ? `<${own}> gets an answer without its mark: ${body.slice(0, 200)}` : undefined;
}

function statusesOf({ fault, handler, losses, borrowers }: PlannedRequest): readonly number[] {
  if (fault === undefined || (fault === 'handler' && NEVER_FAIL.includes(handler))) return [200];
  // Nest begins a stream of events when somebody has waited around the handler, and tells of the pipe in there.
  const waits = ['interceptor', 'pipe'].some((place) => [...losses, ...borrowers].some((at) => at === place));
  if (handler === 'events' && fault === 'pipe' && waits) return [200, 400];
  return STATUSES[fault];
}
