import { parseArgs } from 'node:util';

export interface LoadOptions {
  /** Seconds. */
  duration: number;
  connections: number;
  /** Clients that ask for reports, a count; may be 0. */
  reports: number;
  /** Whether every other report is rendered on the event loop, to show what that does. */
  blocking: boolean;
  /** Absent: a copy of the application is started for the run. */
  target?: string;
}

export const USAGE =
  'usage: npm run load -- [--duration <seconds, 15>] [--connections <count, 50>] [--reports <clients, 2>] [--blocking]';

export function readLoadOptions(args: string[], environment: NodeJS.ProcessEnv): LoadOptions {
  const { values } = parseArgs({
    args,
    options: {
      duration: { type: 'string', default: '15' },
      connections: { type: 'string', default: '50' },
      reports: { type: 'string', default: '2' },
      blocking: { type: 'boolean', default: false },
    },
  });
  return {
    duration: readCount('duration', values.duration, { min: 1, max: 3_600 }),
    connections: readCount('connections', values.connections, { min: 1, max: 10_000 }),
    reports: readCount('reports', values.reports, { min: 0, max: 100 }),
    blocking: values.blocking,
    target: environment.TARGET?.replace(/\/$/, '') || undefined,
  };
}

function readCount(name: string, text: string, { min, max }: { min: number; max: number }): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < min || count > max) {
    throw new Error(`--${name} must be a whole number from ${min} to ${max}, not "${text}"`);
  }
  return count;
}
