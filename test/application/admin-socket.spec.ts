import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Ended, runProgram } from '../library/admin/run-program.fixture.js';
import { AppProcess } from './app-process.fixture.js';
import { HttpClient } from './http-client.fixture.js';

describe('the application with ADMIN_SOCKET', () => {
  let folder: string;
  let socket: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'orders-admin-'));
    socket = join(folder, 'admin');
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it.each(['express', 'fastify'])(
    'obeys every command of the program, on %s, until it ends',
    async (ADAPTER) => {
      const app = await AppProcess.start({ ADMIN_SOCKET: socket, ADAPTER });
      const http = new HttpClient(app.url);
      const backup = join(folder, 'backup.json');
      let printed = '';
      const ask = async (...words: string[]): Promise<Ended> => {
        const ended = await runProgram([...words, '--socket', socket]);
        printed += ended.stdout + ended.stderr;
        return ended;
      };
      const change = (body: object) => http.json({ method: 'PATCH', path: '/resources/pg', body });
      const max = async (): Promise<number> => (await app.resources()).pools.pg.max;

      expect(app.stdout).toContain(`npx nestjs-resources status --socket ${socket}\n`);
      expect(statSync(socket).mode & 0o777).toBe(0o700);
      const { code, stdout } = await ask('status', '--json');
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        types: [{ type: 'pg', max: 10 }, { type: 'zonedPg' }, { type: 'report' }],
      });
      expect(await ask('diff')).toMatchObject({ code: 0, stdout: 'What runs is what stands in the code.\n' });
      writeFileSync(backup, (await ask('backup')).stdout);

      expect(await change({ max: 0 })).toMatchObject({ status: 400 });
      expect(await change({ max: 20, by: 7 })).toMatchObject({ status: 400 });
      expect(await change({ max: 20, by: 'ada' })).toMatchObject({
        status: 200,
        body: { version: 2, outcome: 'applied' },
      });
      expect(await http.json({ method: 'POST', path: '/wrong-password' })).toMatchObject({
        status: 201,
        body: { version: 3, outcome: 'rolledBack', cause: expect.stringContaining('28P01') },
      });
      expect(await http.json({ path: '/orders/total' })).toMatchObject({ status: 200 });
      expect((await ask('history', 'pg')).stdout).toMatch(
        /version 2, .* by ada: reconfigured, applied\n +max +10 -> 20\n +version 3, .* by drill: reconfigured, rolledBack: /,
      );
      expect(await ask('diff')).toMatchObject({
        code: 1,
        stdout: expect.stringContaining('pg.max  10 -> 20'),
      });

      expect((await ask('rollback', 'pg', '--dry-run')).stdout).toContain('pg.max  20 -> 10');
      expect(await max()).toBe(20);
      expect(await ask('rollback', 'pg', '--by', 'ada')).toMatchObject({ code: 0 });
      expect(await max()).toBe(10);
      await change({ max: 30 });
      expect((await ask('restore', backup, '--dry-run')).stdout).toContain('pg.max  30 -> 10');
      expect(await max()).toBe(30);
      expect(await ask('restore', backup)).toMatchObject({ code: 0 });
      expect(await max()).toBe(10);
      expect(await ask('diff', backup)).toMatchObject({ code: 0 });

      expect(await ask('drain')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('all leases came back'),
      });
      expect(await http.json({ path: '/orders/total' })).toMatchObject({ status: 503 });
      expect(printed).not.toContain(new URL(app.databaseUrl).password);
      http.close();
      app.kill('SIGTERM');
      expect(await app.stop()).toBe(0);
      expect(readdirSync(socket)).toEqual([]);
      expect(await ask('status')).toMatchObject({
        code: 3,
        stderr: expect.stringContaining('No process answers in'),
      });
    },
  );

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
