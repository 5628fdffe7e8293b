import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { Controller, Get, Injectable, Sse } from '@nestjs/common';
import { concat, NEVER, type Observable, of } from 'rxjs';
import type { Trial, TrialOptions } from '../trial.js';

let release: () => void = () => undefined;

@Controller('shutdown')
class Slow {
  @Get('slow')
  async slow(): Promise<string> {
    await new Promise<void>((resolve) => {
      release = resolve;
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
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

const METADATA = { controllers: [Slow], providers: [SlowHook] };

/** With an event stream open, and the option to close connections by force: at once. */
async function forced(trial: Trial): Promise<object> {
  const options = { forceCloseConnections: true };
  const adapterOptions: TrialOptions = { ...options };
  const { app, client } = await trial.serve(METADATA, adapterOptions);
  // Fastify has an option of its own of that name.
  if (trial.adapter === 'fastify') app.enableShutdownHooks([]);
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

/** A request that is sent on a kept connection, and a new connection, while the hooks of the shutdown are at work. */
async function queued(trial: Trial, options: TrialOptions): Promise<object> {
  const { app, client } = await trial.serve(METADATA, options);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const first = client.ask('/shutdown/slow', { agent });
  while (release.name === 'release') await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 30));
  const closing = app.close();
  await new Promise((resolve) => setTimeout(resolve, 20));
  const other = await client.get('/shutdown/fast');
  release();
  const answers = [await first, other, await client.ask('/shutdown/fast', { agent })];
  await closing;
  agent.destroy();
  return answers.map(({ status, body }) => ({ status, body }));
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
