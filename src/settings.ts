/** Most sessions that anybody may ask for. */
export const MAX_POOL = 1_000;

const MAX_PROCESSORS = 64;

export type AdapterName = 'express' | 'fastify';

/** What the environment decides. Also the token under which the application injects it. */
export class Settings {
  readonly adapter: AdapterName;
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Absent: the application brings its own server. */
  readonly databaseUrl?: string;
  readonly poolMax: number;
  /** Most threads that render reports. 0: one less than there are CPUs. */
  readonly processors: number;
  /** Milliseconds between two reports of the totals in the log. */
  readonly reportInterval: number;
  /** Most milliseconds that a report may take, until its reader has the last of it. */
  readonly reportTimeout: number;
  /** Milliseconds in which it still serves when it is told to stop, while its readiness already says so. */
  readonly announceFor: number;
  /** Where the command line finds the application, if anywhere. */
  readonly adminSocket?: string;

  constructor(environment: NodeJS.ProcessEnv) {
    this.adapter = readAdapter(environment.ADAPTER);
    this.host = environment.HOST || '127.0.0.1';
    this.port = readWholeNumber(environment, 'PORT', { fallback: 3000, min: 0, max: 65_535 });
    this.databaseUrl = environment.DATABASE_URL || undefined;
    this.adminSocket = environment.ADMIN_SOCKET || undefined;
    this.poolMax = readWholeNumber(environment, 'POOL_MAX', { fallback: 10, min: 1, max: MAX_POOL });
    this.reportTimeout = readWholeNumber(environment, 'REPORT_TIMEOUT', {
      fallback: 60_000,
      min: 100,
      max: 3_600_000,
    });
    this.processors = readWholeNumber(environment, 'PROCESSORS', {
      fallback: 0,
      min: 0,
      max: MAX_PROCESSORS,
    });
    this.announceFor = readWholeNumber(environment, 'ANNOUNCE_FOR', { fallback: 0, min: 0, max: 600_000 });
    this.reportInterval = readWholeNumber(environment, 'REPORT_INTERVAL', {
      fallback: 30_000,
      min: 10,
      max: 86_400_000,
    });
  }
}

function readAdapter(value: string | undefined): AdapterName {
  const adapter = value || 'express';
  if (adapter !== 'express' && adapter !== 'fastify') {
    throw new Error(`ADAPTER must be "express" or "fastify", not "${adapter}"`);
  }
  return adapter;
}

function readWholeNumber(
  environment: NodeJS.ProcessEnv,
  name: string,
  { fallback, min, max }: { fallback: number; min: number; max: number },
): number {
  const text = environment[name] || String(fallback);
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new Error(`${name} must be a whole number from ${min} to ${max}, not "${text}"`);
  }
  return value;
}
