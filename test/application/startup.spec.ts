import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { AppProcess, isAlive } from './app-process.fixture.js';
import { HttpClient } from './http-client.fixture.js';

async function listen(): Promise<{ port: number; close: () => void }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

async function failToStart(environment: NodeJS.ProcessEnv): Promise<{ code: number | null; stderr: string }> {
  const app = await AppProcess.spawn(environment);
  const code = await app.exit;
  expect(await app.leftovers()).toEqual([]);
  await app.stop();
  return { code, stderr: app.stderr };
}

describe('starting the application', () => {
  it('runs two copies side by side', async () => {
    const [one, other] = await Promise.all([AppProcess.start(), AppProcess.start({ ADAPTER: 'fastify' })]);
    const order = { customer: 'Ada', item: 'tea', quantity: 2, price: 3.5 };
    expect(one.databaseUrl).not.toBe(other.databaseUrl);

    const http = new HttpClient(other.url);
    await new HttpClient(one.url).json({ method: 'POST', path: '/orders', body: order });
    expect(await http.json({ path: '/orders/total' })).toMatchObject({ status: 200, body: { orders: 0 } });

    const server = await one.serverPid();
    expect(await one.stop()).toBe(0);
    expect(isAlive(server)).toBe(false);
    expect(await http.json({ path: '/orders/total' })).toMatchObject({ status: 200 });
    expect(await other.stop()).toBe(0);
  });

  it.each(['express', 'fastify'])(
    'says on %s that its port is taken, and leaves nothing behind',
    async (adapter) => {
      const taken = await listen();
      const { code, stderr } = await failToStart({ ADAPTER: adapter, PORT: `${taken.port}` });
      taken.close();
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: `orders: port ${taken.port} is in use: set PORT\n`,
      });
    },
  );

  it('says that nobody answers at DATABASE_URL, without the password', async () => {
    const { port, close } = await listen();
    close();
    const { code, stderr } = await failToStart({
      DATABASE_URL: `postgresql://ada:secret@127.0.0.1:${port}/orders`,
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /\norders: no session with postgresql:\/\/ada:\*\*\*@127\.0\.0\.1:\d+\/orders: .*ECONNREFUSED.*\n$/,
    );
    expect(stderr).toMatch(/\[Resources\].*Pool "pg": creation fails: .*ECONNREFUSED/);
    expect(stderr).not.toContain('secret');
  });

  it.each([
    [{ ADAPTER: 'koa' }, 'orders: ADAPTER must be "express" or "fastify", not "koa"\n'],
    [{ PORT: 'x' }, 'orders: PORT must be a whole number from 0 to 65535, not "x"\n'],
    [{ POOL_MAX: '0' }, 'orders: POOL_MAX must be a whole number from 1 to 1000, not "0"\n'],
  ])('refuses %o', async (environment, stderr) => {
    expect(await failToStart(environment)).toEqual({ code: 1, stderr });
  });
});
