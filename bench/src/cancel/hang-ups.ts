import { get, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import { SLOW } from './application.js';

/** Callers that go on all the time, beside who hangs up. */
const LOAD = 20;

/** Milliseconds between the client's end and the statement's, one an item. @param observer a session of its own @param count of hang-ups */
export async function measureHangUps(port: number, observer: Client, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let done = 0; done < count; done++) {
    const request = get({ port, host: '127.0.0.1', path: '/slow', agent: false });
    request.on('error', () => undefined); // it is destroyed
    while (!(await runs(observer))) await delay(1);
    const begun = performance.now();
    request.destroy();
    while (await runs(observer));
    times.push(performance.now() - begun);
  }
  return times;
}

/** Does so while others send one request after the other. @returns what was wrong with their answers, too */
export async function underLoad(
  port: number,
  work: () => Promise<number[]>,
): Promise<{ times: number[]; wrong: number; right: number }> {
  const over = new AbortController();
  let wrong = 0;
  let right = 0;
  const caller = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const request = get({ port, host: '127.0.0.1', path: '/quick', agent: false });
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      response.resume();
      if (response.statusCode === 200) right++;
      else wrong++;
      await once(response, 'end');
    }
  };
  const callers = Array.from({ length: LOAD }, caller);
  const times = await work().finally(() => over.abort());
  await Promise.all(callers);
  return { times, wrong, right };
}

async function runs(observer: Client): Promise<boolean> {
  const { rowCount } = await observer.query(
    `SELECT FROM pg_stat_activity WHERE state = 'active' AND query = $1 AND application_name = 'bench'`,
    [SLOW],
  );
  return rowCount !== 0;
}
