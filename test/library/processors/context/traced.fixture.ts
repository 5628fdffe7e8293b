import { appendFileSync } from 'node:fs';
import { threadId } from 'node:worker_threads';

/** Writes what happens in a thread where the test reads it, even if the thread is ended at once. */
export function trace(what: string): void {
  const { TRACE } = process.env;
  if (TRACE !== undefined) appendFileSync(TRACE, `${threadId} ${what}\n`);
}

/** Comes to its end as the variable of that name says: well, unless it says something. */
export async function endAs(name: string): Promise<void> {
  const how = process.env[name];
  if (how === 'throws') throw new TypeError(`${name} has failed`);
  if (how === 'exits') process.exit(Number(process.env['EXIT_CODE'] ?? 3));
  if (how === 'hangs') await new Promise(() => setInterval(() => undefined, 1_000));
  if (how === 'spins') for (;;);
}
