import { describe, expect, it } from '@jest/globals';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { ClosingProcess } from './closing-process.fixture.js';
import { ADAPTERS, PLAN, type Plan, SAYS } from './plan.fixture.js';
import { ALLOWANCE } from './shutdown.fixture.js';

const CLOSING = 'Connection: close';

/** One kept connection, and all that came over it. */
class Conversation {
  heard = '';
  failure = '';
  bytes = 0;
  readonly over: Promise<unknown>;

  constructor(private readonly socket: Socket) {
    socket.on('data', (data) => {
      this.bytes += data.length;
      if (this.heard.length < 10_000) this.heard += data.toString('latin1');
    });
    socket.on('error', ({ code = '' }: NodeJS.ErrnoException) => (this.failure = code));
    this.over = new Promise((resolve) => socket.on('close', resolve));
  }

  static async open({ ports }: ClosingProcess): Promise<Conversation> {
    const socket = connect(ports.port, '127.0.0.1');
    await once(socket, 'connect');
    return new Conversation(socket);
  }

  ask(path: string, ...headers: string[]): void {
    this.socket.write(`${[`GET ${path} HTTP/1.1`, 'Host: localhost', ...headers].join('\r\n')}\r\n\r\n`);
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  async hears(text: string): Promise<void> {
    while (!this.heard.includes(text)) await once(this.socket, 'data');
  }

  leave(): void {
    this.socket.destroy();
  }
}

const started = async (plan: Partial<Plan>): Promise<ClosingProcess> => {
  const application = ClosingProcess.spawn({ ...PLAN, ...plan });
  await application.says(SAYS.ready);
  return application;
};

describe.each(ADAPTERS)('a shutdown on %s', (adapter) => {
  it.concurrent.each(['30d', 'Infinity'])(
    'with drainTimeout %s waits until the work has ended, then ends',
    async (drainTimeout) => {
      const application = await started({ adapter, drainTimeout });
      const client = await Conversation.open(application);
      client.ask('/working?ms=900');
      await application.says(SAYS.working);
      application.kill();
      expect(await application.endsWithin(900 + PLAN.retirementTimeout + ALLOWANCE)).toBeDefined();
      expect(client.heard).toMatch(/worked$/);
      expect(application.reported).toBe(true);
    },
  );

  it.concurrent('reads a slow but steady answer to its end', async () => {
    const application = await started({ adapter, drainTimeout: 20_000 });
    const client = await Conversation.open(application);
    client.ask('/large', CLOSING);
    await client.hears('200 OK');
    client.pause();
    application.kill();
    await application.says(SAYS.stopping);
    client.resume();
    await client.over;
    expect(client.failure).toBe('');
    expect(client.bytes).toBeGreaterThan(64 * 1024 * 1024);
    expect(await application.endsWithin(20_000)).toBeDefined();
  });

  it.concurrent('closes at once when Nest is told to force connections closed', async () => {
    const application = await started({ adapter, drainTimeout: 60_000, forceCloseConnections: true });
    const client = await Conversation.open(application);
    client.ask('/events');
    await client.hears('data: 3');
    application.kill();
    expect(await application.endsWithin(PLAN.retirementTimeout + ALLOWANCE)).toBeDefined();
  });

  it.concurrent('answers 503 to what was queued on a kept connection, when Nest is told to', async () => {
    const outcomes = [];
    for (const module of [false, true]) {
      const application = await started({ adapter, module, drainTimeout: 10_000, return503OnClosing: true });
      const client = await Conversation.open(application);
      client.ask('/working?ms=1500');
      await application.says(SAYS.working);
      application.kill();
      await application.says(SAYS.stopping);
      client.ask('/quick');
      await client.over;
      await application.endsWithin(10_000);
      const statuses = [...client.heard.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
      outcomes.push({ statuses, failure: client.failure });
    }
    expect(outcomes[0].statuses).toContain('503');
    expect(outcomes[1]).toEqual(outcomes[0]);
  });

  it.concurrent('waits for a creation that ignores its signal, and destroys what it made', async () => {
    const application = await started({ adapter, drainTimeout: 0, retirementTimeout: 1_000, creation: 400 });
    const client = await Conversation.open(application);
    client.ask('/quick');
    await application.says(SAYS.creating);
    application.kill();
    expect(await application.endsWithin(1_000 + ALLOWANCE)).toBeDefined();
    expect(application.count(SAYS.destroyed)).toBe(1);
    client.leave();
  });

  it.concurrent('does not wait longer than retirement.timeout for a creation', async () => {
    const application = await started({ adapter, drainTimeout: 0, retirementTimeout: 200, creation: 60_000 });
    const client = await Conversation.open(application);
    client.ask('/quick');
    await application.says(SAYS.creating);
    application.kill();
    expect(await application.endsWithin(200 + ALLOWANCE)).toBeDefined();
    client.leave();
  });
});
