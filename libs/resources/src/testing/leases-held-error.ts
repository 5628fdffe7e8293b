import { describeKey, describeName, quoteName } from '../words/describe-name.js';
import { ResourceError } from '../errors/resource-error.js';
import type { CacheLeaseInfo, LeaseInfo } from '../reports/lease-info.js';

/** Most leases that the message names. The field has all. */
const MOST = 20;

/** The folder of this package, as a stack names it. No other way to ask for a module's place is one to ES modules and CommonJS. */
const PACKAGE = /^.*(?:\(|at )(.+)[\\/]testing[\\/]leases-held-error\./m.exec(
  new Error('here').stack ?? '',
)?.[1];

/** Leases that have not come back. Thrown by `expectNoLeases()`, for a test to fail with. */
export class LeasesHeldError extends ResourceError {
  /**
   * @param leases who holds what, since when, and where it was acquired if that was captured
   * @param within milliseconds that they were given to come back
   */
  constructor(
    readonly leases: readonly (LeaseInfo | CacheLeaseInfo)[],
    within: number,
  ) {
    const held = leases.length === 1 ? '1 lease is' : `${leases.length} leases are`;
    const lines = leases.slice(0, MOST).map(describe);
    if (leases.length > MOST) lines.push(`- and ${leases.length - MOST} more`);
    super(
      [`${held} still held after ${within} ms:`, ...lines, ...remedy(leases)].join('\n'),
      typesOf(leases),
    );
  }
}

function describe({ id, type, key, owner, age, stack }: LeaseInfo | CacheLeaseInfo): string {
  const of = key === undefined ? quoteName(type) : `${quoteName(type)} for the key ${describeKey(key)}`;
  const held = `- ${id}, a lease on ${of}, held by ${describeName(owner)} for ${Math.round(age)} ms`;
  return stack === undefined ? held : `${held}, acquired\n${frames(stack)}`;
}

/** Without the line that a stack begins with, which is not an error's; and without this package and Node, unless there is nothing else. */
function frames(stack: string): string {
  const all = stack.split('\n').filter((line) => /^\s+at /.test(line));
  const isOwn = (line: string): boolean => PACKAGE !== undefined && line.includes(PACKAGE);
  const callers = all.filter((line) => !isOwn(line) && !line.includes('(node:'));
  return (callers.length > 0 ? callers : all).join('\n');
}

function remedy(leases: readonly { stack?: string }[]): string[] {
  if (leases.every(({ stack }) => stack !== undefined)) return [];
  return [
    `To see where they were acquired, give the builder of the testing module to traceLeases(), or set "leaks: { stack: 'always' }" for the type.`,
  ];
}

function typesOf(leases: readonly { type: string; owner: string }[]): { type?: string; owner?: string } {
  const [first, ...others] = leases;
  if (first === undefined) return {};
  const sole = (name: 'type' | 'owner'): string | undefined =>
    others.every((each) => each[name] === first[name]) ? first[name] : undefined;
  return { type: sole('type'), owner: sole('owner') };
}
