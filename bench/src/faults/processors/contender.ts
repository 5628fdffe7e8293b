import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Cell } from './cell.js';
import { LIMITS } from './limits.js';

/** What is asked for in a cell. */
export interface Asked {
  readonly cell: Cell;
  /** Where the job says that it has begun. */
  readonly began: Int32Array;
  /** Aborted by the caller who aborts. */
  readonly signal: AbortSignal;
  /** Hears that the request has arrived. */
  arrived(): void;
  /** Hears what became of the job. */
  settled(outcome: string): void;
}

/** A server whose requests run jobs in threads: `/job` the one that is asked for, `/beside` another one, which comes to a good end. */
export interface Service {
  readonly port: number;
  /** The shutdown, with its time for what runs. */
  close(): Promise<unknown>;
}

export interface ProcessorContender {
  readonly name: string;
  start(asked: Asked): Promise<Service>;
}

/** A pool of threads without a server. */
export interface ThreadPool {
  /** @param end aborted when nobody wants the result any more */
  run(name: string, input: unknown, end: AbortSignal | undefined): Promise<unknown>;
  close(): Promise<unknown>;
}

/** What a job brought, or was refused with. */
export function outcomeOf(job: Promise<unknown>): Promise<string> {
  return job.then(String, (error: unknown) => (error instanceof Error ? error.name : String(error)));
}

/**
 * A server around a pool that knows no requests, as its users write it: the hang-up aborts a signal, and so does the deadline. A session is a
 * pool of one thread that one request has at a time, of which there are as many as there would be threads.
 */
export async function serve(asked: Asked, open: (threads: number) => ThreadPool): Promise<Service> {
  const { form, fault, end } = asked.cell;
  const sessions = form === 'session' ? LIMITS.threads : 1;
  const pools = Array.from({ length: sessions }, () => open(LIMITS.threads / sessions));
  let requests = 0;
  const server = createServer((request, response) => {
    const isAsked = request.url === '/job';
    if (isAsked) asked.arrived();
    const hungUp = new AbortController();
    response.on('close', () => {
      if (!response.writableEnded) hungUp.abort();
    });
    const pool = pools[requests++ % sessions];
    const signals = [
      hungUp.signal,
      ...(isAsked && end === 'aborts' ? [asked.signal] : []),
      ...(isAsked && end === 'deadline' ? [AbortSignal.timeout(LIMITS.deadline)] : []),
    ];
    const name = isAsked ? fault : 'beside';
    const input = isAsked ? asked.began : undefined;
    const running = async (): Promise<unknown> => await pool?.run(name, input, AbortSignal.any(signals));
    void outcomeOf(running()).then((outcome) => {
      if (isAsked) asked.settled(outcome);
      response.end(outcome);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.close();
    await Promise.all(pools.map((pool) => pool.close()));
    server.closeAllConnections();
  };
  return { port, close };
}
