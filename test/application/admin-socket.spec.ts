import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runProgram } from '../library/admin/run-program.fixture.js';
import { AppProcess } from './app-process.fixture.js';

describe('the application with ADMIN_SOCKET', () => {
  let folder: string;
  let socket: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'orders-admin-'));
    socket = join(folder, 'admin');
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it.each(['express', 'fastify'])('is seen by the program, on %s, until it ends', async (ADAPTER) => {
    const app = await AppProcess.start({ ADMIN_SOCKET: socket, ADAPTER });
    expect(statSync(socket).mode & 0o777).toBe(0o700);
    const { code, stdout } = await runProgram(['status', '--json', '--socket', socket]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ types: [{ type: 'pg', max: 10 }, { type: 'zonedPg' }] });
    expect(stdout).not.toContain(new URL(app.databaseUrl).password);
    app.kill('SIGTERM');
    expect(await app.stop()).toBe(0);
    expect(readdirSync(socket)).toEqual([]);
    expect(await runProgram(['status', '--socket', socket])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('No process answers in'),
    });
  });

  it('is drained by the program, and then lends nothing', async () => {
    const app = await AppProcess.start({ ADMIN_SOCKET: socket });
    const ended = await runProgram(['drain', '--socket', socket]);
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining('all leases came back') });
    expect((await fetch(`${app.url}/orders/total`)).status).toBe(503);
    expect(await app.stop()).toBe(0);
  });

  it('does not start when others may enter the directory, and leaves nothing behind', async () => {
    const app = await AppProcess.spawn({ ADMIN_SOCKET: '/' });
    expect(await app.exit).toBe(1);
    expect(app.stderr).toMatch(
      /^orders: "admin\.socket" needs a directory that only this user can enter, and "\/" /m,
    );
    expect(await app.leftovers()).toEqual([]);
    await app.stop();
  });
});
