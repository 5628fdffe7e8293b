import { AsyncLocalStorage } from 'node:async_hooks';
import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../../../../test/eventually.fixture.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { Deferred } from '../../pool/deferred.fixture.js';
import type { DrainReport } from '../../reports/drain-report.js';
import { settle, VirtualClock } from '../../time/virtual-clock.fixture.js';
import type { AdminTarget } from '../admin-target.js';
import { RawClient, targetDouble, TemporaryDirectory } from '../admin-socket.fixture.js';
import { AdminCommands } from '../commands/admin-commands.js';
import { AdminServer } from './admin-server.js';
import { SocketPlace } from './socket-place.js';

const STATUS = '{"command":"status"}';

/** Leaves a socket behind, as a process that was killed does. */
function leaveStale(path: string): void {
  const code = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['--eval', code], { env: { ...process.env, NODE_OPTIONS: '' } });
  if (!existsSync(path)) throw new Error('it has left none');
}

function makeOld(path: string): void {
  utimesSync(path, 1, 1);
}

describe('AdminServer', () => {
  let folder: TemporaryDirectory;
  let clock: VirtualClock;
  let servers: AdminServer[];

  beforeEach(() => {
    folder = new TemporaryDirectory();
    clock = new VirtualClock();
    servers = [];
  });

  afterEach(async () => {
    for (const server of servers) {
      const closing = server.close();
      await clock.advance(1_000);
      await closing;
    }
    folder.remove();
  });

  const make = (path: string, target: Partial<AdminTarget> = {}): AdminServer => {
    const server = new AdminServer(new SocketPlace(path), new AdminCommands(targetDouble(target)), clock);
    servers.push(server);
    return server;
  };
  /** In the directory that it makes. */
  const open = async (target: Partial<AdminTarget> = {}): Promise<string> =>
    await make(folder.at('admin'), target).open();

  describe('where it listens', () => {
    it("is the directory's own socket of the process", async () => {
      expect(await open()).toBe(folder.at('admin', `${process.pid}.sock`));
    });

    it('is one more for each application in the process', async () => {
      const paths = [await open(), await open(), await open()];
      expect(paths).toEqual(
        ['', '-2', '-3'].map((number) => folder.at('admin', `${process.pid}${number}.sock`)),
      );
      for (const path of paths) expect(await RawClient.ask(path, STATUS)).toContain('"phase":"ready"');
    });

    it('is one for each, also when they open at the same time', async () => {
      const paths = await Promise.all([open(), open(), open()]);
      expect(new Set(paths).size).toBe(3);
      for (const path of paths) expect(await RawClient.ask(path, STATUS)).toContain('"phase":"ready"');
    });

    it('is free again after the end', async () => {
      const server = make(folder.at('admin', 'a.sock'));
      const path = await server.open();
      expect(existsSync(path)).toBe(true);
      await server.close();
      expect(readdirSync(folder.at('admin'))).toEqual([]);
      expect(await make(path).open()).toBe(path);
    });

    it('is refused when a process listens there, and that process notices nothing', async () => {
      const path = await make(folder.at('admin', 'a.sock')).open();
      const second = make(path).open();
      await expect(second).rejects.toThrow(InvalidOptionsError);
      await expect(second).rejects.toThrow(
        `"admin.socket" is in use: at "${path}", a process listens. Name a directory where there are several: each has its own socket there.`,
      );
      expect(await RawClient.ask(path, STATUS)).toContain('"phase":"ready"');
    });

    it('is taken from a process that is gone', async () => {
      await open(); // makes the directory
      const path = folder.at('admin', 'a.sock');
      leaveStale(path);
      expect(await make(path).open()).toBe(path);
      expect(await RawClient.ask(path, STATUS)).toContain('"phase":"ready"');
    });

    it('is taken by one of many who come at the same time, and refused to the others', async () => {
      await open();
      const path = folder.at('admin', 'a.sock');
      leaveStale(path);
      const opened = await Promise.allSettled([...Array(8)].map(() => make(path).open()));
      expect(opened.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await RawClient.ask(path, STATUS)).toContain('"phase":"ready"');
    });

    it('is refused when something stands there that is no socket, which stays', async () => {
      await open();
      const path = folder.at('admin', 'a.sock');
      writeFileSync(path, 'dear');
      await expect(make(path).open()).rejects.toThrow(
        `"admin.socket" can't be opened at "${path}": what is there is no socket.`,
      );
      expect(existsSync(path)).toBe(true);
    });

    it('is cleared of what processes that are gone have left, and of nothing else', async () => {
      await open();
      const names = ['1.sock', '2-3.sock', '4.sock', 'other.sock', '5.sock'];
      for (const name of names.slice(0, 4)) leaveStale(folder.at('admin', name));
      writeFileSync(folder.at('admin', '5.sock'), 'dear');
      for (const name of ['1.sock', '2-3.sock', 'other.sock', '5.sock']) makeOld(folder.at('admin', name));
      await open(); // 4 is young: it may be on its way
      expect(readdirSync(folder.at('admin')).toSorted()).toEqual(
        ['4.sock', '5.sock', 'other.sock', `${process.pid}.sock`, `${process.pid}-2.sock`].toSorted(),
      );
    });
  });

  describe('a client', () => {
    it('is greeted, asks once and is answered once, a line each', async () => {
      const heard = await RawClient.ask(await open(), STATUS);
      const [greeting, answer, rest] = heard.split('\n');
      expect(JSON.parse(greeting)).toEqual({
        protocol: 1,
        pid: process.pid,
        phase: 'ready',
        uptime: expect.any(Number),
      });
      expect(JSON.parse(answer)).toMatchObject({ answer: { phase: 'ready' } });
      expect(rest).toBe('');
    });

    it('is greeted, and told why it gets no answer, when nothing can be told', async () => {
      const stats = (): never => {
        throw new Error('no stats');
      };
      const [greeting, answer] = (await RawClient.ask(await open({ stats }), STATUS)).split('\n');
      expect(greeting).toContain('"phase":"unknown"');
      expect(JSON.parse(answer)).toEqual({ failure: { code: 'failed', message: 'no stats' } });
    });

    it('may ask in pieces, and in the middle of a character', async () => {
      const asked: string[] = [];
      const client = await RawClient.connect(
        await open({ rollback: (_, __, by) => Promise.reject(asked.push(String(by))) }),
      );
      for (const byte of Buffer.from('{"command":"rollback","args":{"type":"pg","by":"ä€😀"}}\n')) {
        client.socket.write(Buffer.from([byte]));
        await settle();
      }
      await eventually(() => expect(asked).toEqual(['ä€😀']));
      client.hangUp();
    });

    it('may close its side once it has asked', async () => {
      const client = await RawClient.connect(await open());
      client.socket.end(`${STATUS}\n`);
      await client.closed;
      expect(client.heard).toContain('"answer"');
    });

    it.each([
      ['no JSON', 'status', 'refused', 'The request is no JSON'],
      ['nothing', '', 'refused', 'The request is no JSON'],
      ['an array', '[]', 'refused', 'The request is no object'],
      ['null', 'null', 'refused', 'The request is no object'],
      ['another command', '{"command":"exec"}', 'refused', 'There is no command \\"exec\\"'],
      ['a name of the prototype', '{"command":"constructor"}', 'refused', 'There is no command'],
      ['a command that is no name', '{"command":{}}', 'refused', 'There is no command (object)'],
      ['arguments that are none', '{"command":"status","args":[]}', 'refused', 'The arguments are no object'],
      ['an unknown argument', '{"command":"status","args":{"all":true}}', 'refused', 'is not an option'],
      ['an argument of the prototype', '{"command":"status","args":{"__proto__":1}}', 'refused', '__proto__'],
      [
        'an argument of a wrong kind',
        '{"command":"drain","args":{"dryRun":1}}',
        'refused',
        'must be true or false',
      ],
    ])('who says %s is refused, and told why', async (_, line, code, why) => {
      const heard = await RawClient.ask(await open(), line);
      expect(heard).toContain(`{"failure":{"code":"${code}"`);
      expect(heard).toContain(why);
    });

    it('who says nothing is sent away, and loses its place', async () => {
      const client = await RawClient.connect(await open());
      await eventually(() => expect(client.heard).toContain('protocol'));
      await clock.advance(10_000);
      await eventually(() => expect(client.heard).toContain('Nothing was asked within 10 s'));
      await clock.advance(10_000); // it does not hang up by itself
      await client.cutOff();
    });

    it('who says half a line, and no more, is sent away', async () => {
      const client = await RawClient.connect(await open());
      client.say('{"command":"dr');
      await eventually(() => expect(client.heard).toContain('protocol'));
      await clock.advance(20_000);
      await client.cutOff();
    });

    it('who says megabytes without an end is refused', async () => {
      const client = await RawClient.connect(await open());
      client.socket.once('end', () => client.socket.end());
      const piece = Buffer.alloc(1024 * 1024, 'x');
      for (let sent = 0; sent < 17; sent++) client.socket.write(piece);
      await client.closed;
      expect(client.heard).toContain('The request is too long, or too many long ones come at once.');
    });

    it('who says much, with others, has no more room than alone, and leaves it when gone', async () => {
      const path = await open();
      const piece = Buffer.alloc(6 * 1024 * 1024, 'x');
      const clients = [
        await RawClient.connect(path),
        await RawClient.connect(path),
        await RawClient.connect(path),
      ];
      for (const client of clients) client.socket.write(piece);
      await eventually(() =>
        expect(clients.filter(({ heard }) => heard.includes('The request is too long'))).toHaveLength(1),
      );
      for (const client of clients) client.hangUp();
      await Promise.all(clients.map(({ closed }) => closed));
      const long = `{"command":"restore","args":{"document":"${'x'.repeat(12 * 1024 * 1024)}"}}`;
      await eventually(async () => expect(await RawClient.ask(path, long)).toContain('"answer"'));
    });

    it('who goes on talking after it has asked is not heard', async () => {
      const drained = new Deferred<DrainReport>();
      const calls: unknown[] = [];
      const path = await open({
        drain: (deadline) => {
          calls.push(deadline);
          return drained.promise;
        },
      });
      const client = await RawClient.connect(path);
      client.socket.once('end', () => client.socket.end());
      client.say('{"command":"drain"}\n{"command":"drain"}\n');
      await eventually(() => expect(calls).toHaveLength(1));
      client.say('{"command":"drain"}\n');
      drained.resolve({ clean: true, held: [], duration: 1 });
      await client.closed;
      expect(calls).toHaveLength(1);
      expect(client.heard.match(/"answer"/g)).toHaveLength(1);
    });

    it('who goes away in the middle harms nobody, and what it asked for is done', async () => {
      const drained = new Deferred<DrainReport>();
      let done = false;
      let asked = false;
      const path = await open({
        drain: () => {
          asked = true;
          return drained.promise.finally(() => (done = true));
        },
      });
      const client = await RawClient.connect(path);
      client.say('{"command":"drain"}\n');
      await eventually(() => expect(asked).toBe(true));
      client.hangUp();
      expect(await RawClient.ask(path, STATUS)).toContain('"answer"');
      drained.resolve({ clean: true, held: [], duration: 1 });
      await eventually(() => expect(done).toBe(true));
    });

    it('who does not take its answer is cut off', async () => {
      let answered = false;
      const path = await open({
        backup: () => {
          answered = true;
          return Promise.resolve('x'.repeat(8 * 1024 * 1024));
        },
      });
      const client = await RawClient.connect(path);
      client.socket.pause();
      client.say('{"command":"backup"}\n');
      await eventually(() => expect(answered).toBe(true));
      await eventually(() => expect(clock.running).toBe(1));
      await clock.advance(10_000);
      client.socket.resume();
      await client.cutOff();
      expect(client.heard.length).toBeLessThan(8 * 1024 * 1024);
    });

    it('is one of 16 at most; who comes then is told, and comes in when one goes', async () => {
      const path = await open();
      const clients = await Promise.all([...Array(16)].map(() => RawClient.connect(path)));
      await eventually(() => expect(clients.every(({ heard }) => heard !== '')).toBe(true));
      expect(await RawClient.ask(path, STATUS)).toContain('"code":"busy"');
      clients[0].hangUp();
      await eventually(async () => expect(await RawClient.ask(path, STATUS)).toContain('"answer"'));
      for (const client of clients) client.hangUp();
    });

    it('does not get another one in by going: a command that goes on keeps its place', async () => {
      const drained = new Deferred<DrainReport>();
      let asked = 0;
      const path = await open({
        drain: () => {
          asked++;
          return drained.promise;
        },
      });
      for (let n = 1; n <= 16; n++) {
        const client = await RawClient.connect(path);
        client.say('{"command":"drain"}\n');
        await eventually(() => expect(asked).toBe(n));
        client.hangUp();
        await client.closed;
      }
      expect(await RawClient.ask(path, STATUS)).toContain('"code":"busy"');
      drained.resolve({ clean: true, held: [], duration: 1 });
      await eventually(async () => expect(await RawClient.ask(path, STATUS)).toContain('"answer"'));
    });
  });

  it('works in no context, wherever it was opened', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const server = make(folder.at('admin'), {
      stats: () => {
        seen.push(storage.getStore());
        return targetDouble().stats();
      },
    });
    const path = await storage.run('a request', () => server.open());
    await RawClient.ask(path, STATUS);
    expect(seen).toEqual([undefined, undefined]); // for the greeting, and for the answer
  });

  describe('the end', () => {
    it('sends idle clients away at once', async () => {
      const server = make(folder.at('admin'));
      const client = await RawClient.connect(await server.open());
      await server.close();
      client.socket.end();
      await client.closed;
    });

    it('lets an answer out that is on its way', async () => {
      const drained = new Deferred<DrainReport>();
      let asked = false;
      const server = make(folder.at('admin'), {
        drain: () => {
          asked = true;
          return drained.promise;
        },
      });
      const client = await RawClient.connect(await server.open());
      client.socket.once('end', () => client.socket.end());
      client.say('{"command":"drain"}\n');
      await eventually(() => expect(asked).toBe(true));
      const closing = server.close();
      drained.resolve({ clean: true, held: [], duration: 1 });
      await client.closed;
      await closing;
      expect(client.heard).toContain('"clean":true');
    });

    it('waits for a command that hangs no longer than a second', async () => {
      let asked = false;
      const server = make(folder.at('admin'), {
        drain: () => {
          asked = true;
          return new Promise(() => undefined);
        },
      });
      const client = await RawClient.connect(await server.open());
      client.say('{"command":"drain"}\n');
      await eventually(() => expect(asked).toBe(true));
      const closing = server.close();
      await clock.advance(1_000);
      await closing;
      client.socket.end();
      await client.closed;
    });

    it('may come twice, and before the beginning', async () => {
      const server = make(folder.at('admin'));
      await server.close();
      await server.open();
      await server.close();
      await server.close();
      expect(readdirSync(folder.at('admin'))).toEqual([]);
    });
  });
});
