import { parseArgs } from 'node:util';

export interface LoadOptions {
  /** Seconds. */
  duration: number;
  connections: number;
  /** Absent: a copy of the application is started for the run. */
  target?: string;
}

export const USAGE = 'usage: npm run load -- [--duration <seconds, 15>] [--connections <count, 50>]';

export function readLoadOptions(args: string[], environment: NodeJS.ProcessEnv): LoadOptions {
  const { values } = parseArgs({
    args,
    options: {
      duration: { type: 'string', default: '15' },
      connections: { type: 'string', default: '50' },
    },
  });
  return {
    duration: readCount('duration', values.duration, 3_600),
    connections: readCount('connections', values.connections, 10_000),
    target: environment.TARGET?.replace(/\/$/, '') || undefined,
  };
}

function readCount(name: string, text: string, max: number): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > max) {
    throw new Error(`--${name} must be a whole number from 1 to ${max}, not "${text}"`);
  }
  return count;
}
