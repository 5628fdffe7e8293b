import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { RawClient, TemporaryDirectory } from '../../../libs/resources/src/admin/admin-socket.fixture.js';
import { eventually } from '../../eventually.fixture.js';
import { OfferingProcess } from './offering-process.fixture.js';
import { PROGRAM, runProgram } from './run-program.fixture.js';

const STATUS = '{"command":"status"}';

/** An account that every system has, and that nothing belongs to. */
const NOBODY = { uid: 65_534, gid: 65_534 };
/** Only root can become somebody else; otherwise what the system goes by is looked at. */
const isRoot = process.geteuid?.() === 0;

describe('processes with admin sockets', () => {
  let folder: TemporaryDirectory;
  let processes: OfferingProcess[];

  beforeEach(() => {
    folder = new TemporaryDirectory();
    processes = [];
  });

  afterEach(async () => {
    for (const one of processes) {
      one.kill('SIGKILL');
      await one.exit;
    }
    folder.remove();
  });

  const start = async (...args: Parameters<typeof OfferingProcess.start>): Promise<OfferingProcess> => {
    const one = await OfferingProcess.start(...args);
    processes.push(one);
    return one;
  };
  const admin = (...names: string[]): string => folder.at('admin', ...names);

  describe('for another user of the machine', () => {
    /** This Node, or a copy of it where it is in a private folder. */
    const nodeForAll = (): string => {
      if (readableByAll(process.execPath)) return process.execPath;
      const copy = folder.at('node');
      if (!existsSync(copy)) copyFileSync(process.execPath, copy);
      return copy;
    };

    /** What the system answers to nobody. */
    const asNobody = (code: string): string =>
      spawnSync(nodeForAll(), ['--input-type=module', '--eval', code], {
        ...NOBODY,
        cwd: '/',
        env: { NODE_OPTIONS: '' },
        encoding: 'utf8',
      }).stdout.trim();

    const connecting = (path: string): string =>
      asNobody(`
        import { connect } from 'node:net';
        const socket = connect(${JSON.stringify(path)}, () => { console.log('reached'); socket.destroy(); });
        socket.on('error', ({ code }) => console.log(code));
      `);
    const listing = (path: string): string =>
      asNobody(`
        import { readdirSync } from 'node:fs';
        try { console.log('seen ' + readdirSync(${JSON.stringify(path)})); } catch ({ code }) { console.log(code); }
      `);

    it('the socket can not be reached, nor seen, whatever its own mode is', async () => {
      const [path] = (await start(admin())).opened;
      const { mode, uid } = statSync(admin());
      expect([mode & 0o777, uid]).toEqual([0o700, process.geteuid?.()]);
      if (!isRoot) return;
      chmodSync(folder.path, 0o755);
      chmodSync(path, 0o777);
      expect([connecting(path), listing(admin())]).toEqual(['EACCES', 'EACCES']);
      expect(await RawClient.ask(path, STATUS)).toContain('"answer"');
      chmodSync(admin(), 0o755); // nothing else has kept it away
      expect([connecting(path), listing(admin())]).toEqual(['reached', `seen ${basename(path)}`]);
    });

    it('is refused whatever it asks by the program, and told why', async () => {
      const [path] = (await start(admin())).opened;
      chmodSync(folder.path, isRoot ? 0o755 : 0);
      const user = isRoot ? NOBODY : undefined;
      if (isRoot && !readableByAll(PROGRAM)) return; // a checkout in a private folder
      const node = isRoot ? nodeForAll() : undefined;
      for (const socket of [admin(), path]) {
        const { code, stdout, stderr } = await runProgram(['drain', '--socket', socket], { node, user });
        expect([code, stdout]).toEqual([3, '']);
        expect(stderr).toContain('it belongs to another user; become that user, or root');
      }
      chmodSync(folder.path, 0o700);
    });
  });

  it('have one each in a directory, which a listing tells apart', async () => {
    const [one, other] = [await start(admin()), await start(admin())];
    const { code, stderr } = await runProgram(['status', '--socket', admin()]);
    expect(code).toBe(3);
    for (const { pid, opened } of [one, other]) {
      expect(opened).toEqual([admin(`${pid}.sock`)]);
      expect(stderr).toContain(` ${pid} `);
      expect(await runProgram(['status', '--socket', opened[0]])).toMatchObject({ code: 0 });
    }
    await one.close();
    expect(await runProgram(['status', '--socket', admin()])).toMatchObject({ code: 0 });
  });

  it('have one each as workers of a cluster, too', async () => {
    const workers = await start(admin(), 'cluster');
    await workers.fork();
    expect(new Set(workers.opened).size).toBe(2);
    for (const path of workers.opened) {
      const [greeting] = (await RawClient.ask(path, STATUS)).split('\n');
      const { pid } = JSON.parse(greeting) as { pid: number };
      expect(path).toBe(admin(`${pid}.sock`));
    }
  });

  it('share none that they all have named, although they are workers of a cluster', async () => {
    const workers = await start(admin('a.sock'), 'cluster');
    await workers.fork();
    expect(workers.opened).toEqual([admin('a.sock'), expect.stringContaining('"admin.socket" is in use')]);
    rmSync(admin('a.sock')); // as what clears temporary folders does
    await workers.fork();
    expect(workers.opened[2]).toBe(admin('a.sock'));
    expect(await RawClient.ask(admin('a.sock'), STATUS)).toContain('"answer"');
  });

  it('leave none behind when they close it, and take the place of one that was killed', async () => {
    const killed = await start(admin('a.sock'));
    killed.kill('SIGKILL');
    await killed.exit;
    expect(existsSync(admin('a.sock'))).toBe(true);
    expect(await runProgram(['status', '--socket', admin('a.sock')])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('nobody listens; what was there has ended without clearing up'),
    });
    const next = await start(admin('a.sock'));
    expect(next.opened).toEqual([admin('a.sock')]);
    expect(await runProgram(['status', '--socket', admin('a.sock')])).toMatchObject({ code: 0 });
    await next.close();
    expect(readdirSync(admin())).toEqual([]);
  });

  it('refuse the place of one that is frozen, which is not asked by a program that gave up waiting', async () => {
    const frozen = await start(admin('a.sock'));
    frozen.kill('SIGSTOP');
    const second = await start(admin('a.sock'));
    expect(second.opened[0]).toContain('is in use');
    expect(await runProgram(['drain', '--socket', admin('a.sock'), '--timeout', '300ms'])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('does not respond within 300 ms'),
    });
    frozen.kill('SIGCONT');
    expect(await RawClient.ask(admin('a.sock'), STATUS)).toContain('"phase":"ready"'); // it has not drained
  });

  it('end when they have nothing else to do, also while somebody is connected', async () => {
    const alone = await start(admin());
    const clients = await Promise.all([...Array(3)].map(() => RawClient.connect(alone.opened[0])));
    clients[0].say('{"command":');
    await eventually(() => expect(clients.every(({ heard }) => heard.includes('protocol'))).toBe(true));
    expect(await alone.letGo()).toBe(0);
    for (const client of clients) client.hangUp();
  });
});

/** Whether everybody may read a file, and come to it. */
function readableByAll(path: string): boolean {
  accessSync(path, constants.R_OK);
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder))
    if ((statSync(folder).mode & 0o001) === 0) return false;
  return (statSync(path).mode & 0o004) !== 0;
}
