import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { Controller, Get, Injectable, Sse } from '@nestjs/common';
import { concat, NEVER, type Observable, of } from 'rxjs';
import type { Trial, TrialOptions } from '../../trial.js';

/** Lets the slow handler end, and the hook. */
const gates = { handler: () => {}, hook: () => {} };
let handlers = 0;
let hooks = 0;

@Controller('shutdown')
class Slow {
  @Get('slow')
  async slow(): Promise<string> {
    await new Promise<void>((resolve) => {
      gates.handler = resolve;
      handlers++;
    });
    return 'slow';
  }

  @Get('fast')
  fast(): string {
    return 'fast';
  }

  @Sse('endless')
  endless(): Observable<object> {
    return concat(of({ data: 'first' }), NEVER);
  }
}

@Injectable()
class SlowHook {
  async beforeApplicationShutdown(): Promise<void> {
    if (handlers === 0) return;
    await new Promise<void>((resolve) => {
      gates.hook = resolve;
      hooks++;
    });
  }
}

const METADATA = { controllers: [Slow], providers: [SlowHook] };

/** With an event stream open, and the option to close connections by force: at once. */
async function forced(trial: Trial): Promise<object> {
  const { app, client } = await trial.serve(METADATA, { forceCloseConnections: true });
  const stream = await client.open('/shutdown/endless');
  await once(stream, 'data');
  const end = new Promise((resolve) => stream.once('close', resolve).once('error', () => undefined));
  const start = performance.now();
  const closing = app.close();
  const late = setTimeout(() => stream.destroy(), 4_000);
  await closing;
  await end;
  clearTimeout(late);
  return { atOnce: performance.now() - start < 2_000 };
}

/** Requests on a kept connection and on a new one, while the hooks of the shutdown are at work. */
async function queued(trial: Trial, options: TrialOptions): Promise<object> {
  handlers = 0;
  hooks = 0;
  const { app, client } = await trial.serve(METADATA, options);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const first = client.ask('/shutdown/slow', { agent });
  await until(() => handlers > 0);
  const closing = app.close();
  await until(() => hooks > 0);
  const other = await client.get('/shutdown/fast');
  gates.handler();
  const answers = [await first, other, await client.ask('/shutdown/fast', { agent })];
  gates.hook();
  await closing;
  handlers = 0;
  agent.destroy();
  return answers.map(({ status, body }) => ({ status, body }));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** A connection that is open and silent. */
async function silent(trial: Trial): Promise<object> {
  const { app, client } = await trial.serve(METADATA, { forceCloseConnections: true });
  const socket = connect(client.port, '127.0.0.1');
  await once(socket, 'connect');
  await client.get('/shutdown/fast');
  const start = performance.now();
  const late = setTimeout(() => socket.destroy(), 4_000);
  await app.close();
  clearTimeout(late);
  socket.destroy();
  return { atOnce: performance.now() - start < 2_000 };
}

/** What the application's own options say about its end. */
export default async function shutdown(trial: Trial): Promise<unknown> {
  return {
    forced: await forced(trial),
    silent: await silent(trial),
    queued: await queued(trial, {}),
    answered: await queued(trial, { return503OnClosing: true }),
  };
}
