import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Clock } from '../../time/clock.js';
import { describeValue } from '../../words/describe-value.js';
import { isSocketName, longestPath } from '../socket/socket-place.js';
import { AdminClient, explain, NoAnswerError } from './admin-client.js';
import { CliError, EXIT } from './exit-codes.js';
import { alignColumns, tellCell, tellDuration } from './text-table.js';

/** As it has greeted, if it has. */
interface FoundProcess {
  readonly socket: string;
  readonly pid?: number;
  readonly phase?: string;
  /** Milliseconds. */
  readonly uptime?: number;
}

/**
 * The one process that is meant: that of a socket, or the only one that has its socket in a directory.
 *
 * @param timeout milliseconds
 * @throws CliError when there is none, or are several
 */
export async function findProcess(path: string, timeout: number, clock: Clock): Promise<AdminClient> {
  const absolute = resolve(path);
  if (!isDirectory(absolute)) {
    checkLength(absolute);
    return await AdminClient.connect(absolute, timeout, clock);
  }
  const paths = socketsIn(absolute);
  const tried = await Promise.allSettled(
    paths.map(async (socket) => {
      checkLength(socket);
      return await AdminClient.connect(socket, timeout, clock);
    }),
  );
  const clients = tried.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const silent = paths.filter((_, index) => isThere(tried[index]));
  if (clients.length === 1 && silent.length === 0) return clients[0];
  for (const client of clients) client.close();
  if (clients.length === 0) throw new CliError(EXIT.noProcess, tellNone(absolute, tried));
  const processes: FoundProcess[] = [
    ...clients.map(({ path, greeting: { pid, phase, uptime } }) => ({ socket: path, pid, phase, uptime })),
    ...silent.map((socket) => ({ socket })),
  ];
  throw new CliError(EXIT.noProcess, tellSeveral(absolute, processes), { processes });
}

/** Whether a process that has not greeted may be the one that is meant. */
function isThere(tried: PromiseSettledResult<AdminClient> | undefined): boolean {
  if (tried?.status !== 'rejected') return false;
  return !(tried.reason instanceof NoAnswerError && tried.reason.isGone);
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw new CliError(EXIT.noProcess, `No process answers at ${describeValue(path)}: ${explain(error)}.`);
  }
}

function socketsIn(directory: string): string[] {
  try {
    const names = readdirSync(directory).filter(isSocketName);
    return names
      .toSorted((one, other) => one.localeCompare(other, 'en', { numeric: true }))
      .map((name) => join(directory, name));
  } catch (error) {
    throw new CliError(
      EXIT.noProcess,
      `The directory ${describeValue(directory)} can't be read: ${explain(error)}.`,
    );
  }
}

/** The system would cut a longer path, and reach what is at the rest of it. */
function checkLength(path: string): void {
  const [bytes, most] = [Buffer.byteLength(path), longestPath()];
  if (bytes > most)
    throw new CliError(
      EXIT.usage,
      `The path of a socket has at most ${most} bytes on this system, and ${describeValue(path)} has ${bytes}.`,
    );
}

function tellNone(directory: string, tried: readonly PromiseSettledResult<unknown>[]): string {
  const causes = tried.flatMap((one) => (one.status === 'rejected' ? [(one.reason as Error).message] : []));
  return [`No process answers in ${describeValue(directory)}.`, ...causes.slice(0, 10)].join('\n');
}

function tellSeveral(directory: string, processes: readonly FoundProcess[]): string {
  const rows = processes.map(({ socket, pid, phase, uptime }) => [
    tellCell(socket),
    tellCell(pid),
    phase === undefined ? 'does not answer' : tellCell(phase),
    tellDuration(uptime),
  ]);
  const lines = alignColumns([['socket', 'process', 'phase', 'running for'], ...rows]);
  return [
    `${processes.length} processes are in ${describeValue(directory)}. Choose one by --socket:`,
    ...lines,
  ].join('\n');
}
