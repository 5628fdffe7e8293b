import type { ClientEnd, Exchange, PlannedRequest, Round } from '../plan/plan.js';
import type { Violation } from '../watch/violation.js';
import { INVARIANTS } from '../watch/violation.js';

/** Requests of a violation that are shown. */
const SHOWN = 4;

/** A violation in some lines: what must not be, what was, and who took part. */
export function describeViolation({ invariant, detail, requests, ends, after }: Violation): string {
  const shown = requests
    .slice(0, SHOWN)
    .map((plan, index) => `    ${describeRequest(plan)}${describeEnd(ends[index])}`);
  const more = requests.length > SHOWN ? [`    and ${requests.length - SHOWN} more`] : [];
  return [
    `${INVARIANTS[invariant]}: broken after ${after} requests`,
    `    ${detail}`,
    ...shown,
    ...more,
  ].join('\n');
}

export function describeRequest({
  id,
  handler,
  tenant,
  user,
  losses,
  borrowers,
  fault,
  pauses,
}: PlannedRequest): string {
  const traits = [
    ...losses.map((loss) => `loses the context at ${loss}`),
    ...borrowers.map((borrower) => `borrows at ${borrower}`),
    ...(fault === undefined ? [] : [`fault: ${fault}`]),
  ];
  return [`<${id}/${tenant}> ${handler} of ${user}`, ...traits, `pauses ${pauses.join(' ')}`].join(', ');
}

/** As JSON lines: one for each exchange. */
export function planLines({ number, lanes }: Round): string[] {
  return lanes.flatMap(({ application, exchanges }, lane) =>
    exchanges.map((exchange: Exchange) => JSON.stringify({ round: number, lane, application, ...exchange })),
  );
}

function describeEnd(end: ClientEnd | undefined): string {
  if (end === undefined || end.kind === 'keep') return '';
  const unit = end.after === 'waited' ? 'ms of waiting' : `bytes ${end.after}`;
  return `, its client hangs up (${end.how}) after ${end.amount} ${unit}`;
}
