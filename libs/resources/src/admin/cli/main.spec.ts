import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { userInfo } from 'node:os';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../../../../test/eventually.fixture.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { Deferred } from '../../pool/deferred.fixture.js';
import type { ChangeInfo } from '../../reports/change-info.js';
import type { DrainReport } from '../../reports/drain-report.js';
import { VirtualClock } from '../../time/virtual-clock.fixture.js';
import { poolStats, restored, targetDouble, TemporaryDirectory } from '../admin-socket.fixture.js';
import type { AdminTarget } from '../admin-target.js';
import { AdminCommands } from '../commands/admin-commands.js';
import { COMMAND_NAMES } from '../protocol.js';
import { AdminServer } from '../socket/admin-server.js';
import { SocketPlace } from '../socket/socket-place.js';
import { main, type Surroundings } from './main.js';

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** All that a terminal obeys or hides, but for the end of a line. */
const UNSAFE = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const HOSTILE = 'a\u001b[2Kb\r\n[Nest] LOG forged\u202e\u0085\u2028"';

describe('the program nestjs-resources', () => {
  let folder: TemporaryDirectory;
  /** The application's. */
  let clock: VirtualClock;
  /** The program's. */
  let time: VirtualClock;
  let servers: { close(): unknown }[];
  let heard: { stdout: string; stderr: string };

  beforeEach(() => {
    folder = new TemporaryDirectory();
    clock = new VirtualClock();
    time = new VirtualClock();
    servers = [];
    heard = { stdout: '', stderr: '' };
  });

  afterEach(async () => {
    for (const server of servers) {
      const closing = Promise.resolve(server.close());
      await clock.advance(1_000);
      await closing;
    }
    folder.remove();
  });

  const offer = async (target: Partial<AdminTarget> = {}, path = folder.at('admin')): Promise<string> => {
    const server = new AdminServer(new SocketPlace(path), new AdminCommands(targetDouble(target)), clock);
    servers.push(server);
    return await server.open();
  };
  /** Something that listens and is no admin socket. */
  const listen = async (path: string, said: string | undefined): Promise<void> => {
    const server: Server = createServer((socket) => {
      socket.on('error', () => undefined);
      if (said !== undefined) socket.end(said);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(path, resolve));
  };
  const run = async (words: readonly string[], around: Partial<Surroundings> = {}): Promise<Ended> => {
    const code = await main(words, {
      environment: {},
      platform: 'linux',
      version: '1.2.3',
      stdin: Readable.from([]),
      clock: time,
      stdout: (text) => (heard.stdout += text),
      stderr: (text) => (heard.stderr += text),
      ...around,
    });
    return { code, ...heard };
  };
  /** Of the only process in the directory. */
  const ask = (...words: string[]): Promise<Ended> => run([...words, '--socket', folder.at('admin')]);

  describe('asked for help', () => {
    it.each([['--help'], ['-h'], ['help']])('tells by %s all commands and exit codes', async (flag) => {
      const { code, stdout, stderr } = await run([flag]);
      expect([code, stderr]).toEqual([0, '']);
      for (const name of COMMAND_NAMES) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
      expect(stdout).toMatch(/^Exit codes:\n {2}0 {2}done\n/m);
    });

    it.each(COMMAND_NAMES)('tells of %s its arguments, options and what it does', async (command) => {
      for (const words of [
        [command, '--help'],
        [command, '-h'],
        ['help', command],
        ['--help', command],
      ]) {
        heard = { stdout: '', stderr: '' };
        const { code, stdout } = await run(words);
        expect(code).toBe(0);
        expect(stdout).toMatch(new RegExp(`^Usage: nestjs-resources ${command}`));
        expect(stdout).toContain('--socket <path>');
        expect(stdout.split('\n').every((line) => line.length <= 130)).toBe(true);
      }
    });

    it('without words tells it as a mistake', async () => {
      expect(await run([])).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(/^Usage: /) });
    });

    it('tells its version', async () => {
      expect(await run(['--version'])).toEqual({ code: 0, stdout: '1.2.3\n', stderr: '' });
    });
  });

  describe('refuses with code 2, and asks nobody,', () => {
    it.each([
      [['statsu'], 'There is no command "statsu". Commands: status, history,'],
      [['constructor'], 'There is no command "constructor".'],
      [['--json', 'status'], 'The command comes first, before "--json".'],
      [['status', '--jsno'], 'Unknown option \'--jsno\'. See "nestjs-resources status --help".'],
      [['status', '--socket'], "Option '--socket <value>' argument missing"],
      [['status', '--json=1'], "Option '--json' does not take an argument"],
      [['backup', '--dry-run'], "Unknown option '--dry-run'"],
      [['status', 'pg'], '"status" takes no "pg".'],
      [['rollback'], '"rollback" needs <type>: a resource type.'],
      [['restore'], '"restore" needs <document>'],
      [['rollback', 'pg', '1.5'], 'A version is a whole number from 1; got "1.5".'],
      [['rollback', 'pg', '0'], 'A version is a whole number from 1; got "0".'],
      [['rollback', 'pg', '1', '2'], '"rollback" takes no "2".'],
      [['status', '--timeout', 'soon'], '"--timeout" must be milliseconds or a string such as'],
      [['drain', '--deadline', 'soon'], '"--deadline" must be milliseconds or a string such as'],
      [['drain', '--deadline', '-5'], "Option '--deadline' argument is ambiguous"],
      [['drain', '--deadline=-5', '--dry-run'], '"--deadline" must be milliseconds or a string such as'],
      [['help', 'statsu'], 'There is no command "statsu".'],
      [['restore', '/nowhere/backup.json'], "The document can't be read: ENOENT"],
      [['status'], 'Say where the application is: by --socket <path>'],
      [[HOSTILE], 'There is no command "a\\u001b[2Kb\\r\\n[Nest] LOG forged\\u202e\\u0085\\u2028\\""'],
    ])('%j', async (words, why) => {
      const { code, stdout, stderr } = await run(words);
      expect(code).toBe(2);
      expect(stdout === '').toBe(!words.includes('--json'));
      expect(stderr).toMatch(/^nestjs-resources: /);
      expect(stderr).toContain(why);
      expect(stderr).not.toMatch(UNSAFE);
    });

    it('a document that is no JSON', async () => {
      writeFileSync(folder.at('backup.json'), '{');
      expect(await ask('restore', folder.at('backup.json'))).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('is no JSON'),
      });
    });

    it('a socket whose path the system would cut', async () => {
      const { code, stderr } = await run(['status', '--socket', `/tmp/${'a'.repeat(120)}.sock`]);
      expect([code, stderr]).toEqual([3, expect.stringContaining('there is nothing')]);
      mkdirSync(folder.at('d'.repeat(110)));
      writeFileSync(folder.at('d'.repeat(110), 'a.sock'), '');
      expect(await run(['status', '--socket', folder.at('d'.repeat(110), 'a.sock')])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('has at most 1'),
      });
    });
  });

  it('is refused on Windows', async () => {
    expect(await run(['status', '--socket', 'x'], { platform: 'win32' })).toEqual({
      code: 3,
      stdout: '',
      stderr: 'nestjs-resources: There are no admin sockets on Windows.\n',
    });
  });

  describe('looks for the process', () => {
    it('by its socket, by the directory, or where a variable says', async () => {
      const path = await offer();
      const environment = { NESTJS_RESOURCES_SOCKET: path };
      expect(await run(['status', '--socket', path])).toMatchObject({ code: 0 });
      expect(await run(['status', '--socket', folder.at('admin')])).toMatchObject({ code: 0 });
      expect(await run(['status'], { environment })).toMatchObject({ code: 0 });
      expect(await run(['status', '--socket', '/nowhere'], { environment })).toMatchObject({ code: 3 });
    });

    it('among several by a listing, and asks none of them', async () => {
      const drained: string[] = [];
      const drain = (): Promise<DrainReport> => Promise.reject(new Error(`asked ${drained.push('')}`));
      const paths = [
        await offer({ drain }),
        await offer({ drain, stats: () => ({ ...targetDouble().stats(), phase: HOSTILE }) }),
      ];
      const { code, stdout, stderr } = await ask('drain');
      expect([code, stdout, drained]).toEqual([3, '', []]);
      expect(stderr).toContain(`2 processes are in "${folder.at('admin')}". Choose one by --socket:\n`);
      expect(stderr).toMatch(/^socket +process +phase +running for$/m);
      for (const path of paths) expect(stderr).toContain(`${path} `);
      expect(stderr).not.toMatch(UNSAFE);
    });

    it.each([
      ['is frozen', undefined],
      ['is busy', '{"failure":{"code":"busy","message":"Too many."}}\n'],
      ['is of another version', '{"protocol":2}\n'],
    ])('and asks none of them when another one %s, and may be the one that is meant', async (_, said) => {
      const drained: string[] = [];
      const path = await offer({ drain: () => Promise.reject(new Error(`asked ${drained.push('')}`)) });
      await listen(folder.at('admin', '7.sock'), said);
      const ended = ask('drain', '--json');
      await eventually(async () => {
        await time.advance(10_000);
        expect(heard.stderr).not.toBe('');
      });
      const { code, stdout, stderr } = await ended;
      expect([code, drained]).toEqual([3, []]);
      expect(stderr).toMatch(/7\.sock +- +does not answer +-$/m);
      expect(JSON.parse(stdout)).toMatchObject({
        error: { processes: [{ socket: path, pid: process.pid }, { socket: folder.at('admin', '7.sock') }] },
      });
      expect(await run(['drain', '--socket', path])).toMatchObject({ code: 5 });
    });

    it('among those that answer, although others are gone', async () => {
      await offer();
      writeFileSync(folder.at('admin', '1.sock'), '');
      writeFileSync(folder.at('admin', 'notes.txt'), '');
      expect(await ask('status')).toMatchObject({ code: 0, stderr: '' });
    });

    it.each([
      ['nothing', (at: string) => at, 'there is nothing'],
      ['an empty directory', (at: string) => (mkdirSync(at), at), 'No process answers in '],
      [
        'what is left of one',
        (at: string) => (writeFileSync(at, ''), at),
        'nobody listens; what was there has ended',
      ],
    ])('and finds %s', async (_, make, why) => {
      const { code, stdout, stderr } = await run(['status', '--socket', make(folder.at('other'))]);
      expect([code, stdout]).toEqual([3, '']);
      expect(stderr).toContain(why);
    });

    it.each([
      ['says nothing', undefined, 'does not respond within 10000 ms', 3],
      ['hangs up', '', 'it has hung up', 3],
      ['speaks something else', 'SSH-2.0-x\n', 'what listens there is no admin socket', 3],
      ['says no object', '[]\n', 'what listens there is no admin socket', 3],
      ['says half a line', '{"protocol":1', 'it has hung up', 3],
      ['has no room', '{"failure":{"code":"busy","message":"Too many."}}\n', 'Too many.', 3],
      ['is of another version', '{"protocol":2}\n', 'The process speaks version 2 of the admin protocol', 3],
      ['is hostile', `{"failure":{"message":${JSON.stringify(HOSTILE)}}}\n`, 'a\\u001b[2Kb', 3],
    ])('and finds one that %s', async (_, said, why, expected) => {
      await listen(folder.at('x.sock'), said);
      const ended = run(['status', '--socket', folder.at('x.sock')]);
      await eventually(async () => {
        if (said === undefined) await time.advance(10_000);
        expect(heard.stderr).not.toBe('');
      });
      const { code, stderr } = await ended;
      expect([code, stderr]).toEqual([expected, expect.stringContaining(why)]);
      expect(stderr).not.toMatch(UNSAFE);
    });
  });

  describe('ends with', () => {
    const what = [{ option: 'max', before: 10, after: 20 }];
    const ending = (outcome: 'applied' | 'rolledBack' | 'failed') => ({
      rollback: async () => ({ outcome, version: 1, what: [] }),
      restore: async () => ({ ...restored, outcome }),
    });

    it.each([
      ['0, when it has drained', ['drain'], {}, 0],
      [
        '1, when leases were left',
        ['drain'],
        { drain: async () => ({ clean: false, held: [], duration: 1 }) },
        1,
      ],
      ['0, when the drain was dry', ['drain', '--dry-run'], {}, 0],
      ['0, when nothing differs', ['diff'], { drift: () => ({}) }, 0],
      ['1, when something differs', ['diff'], { drift: () => ({ pg: what }) }, 1],
      ['0, when a rollback is applied', ['rollback', 'pg'], ending('applied'), 0],
      ['1, when a rollback is rolled back', ['rollback', 'pg'], ending('rolledBack'), 1],
      ['1, when a rollback failed', ['rollback', 'pg'], ending('failed'), 1],
      ['0, when a restore is applied', ['restore', '-'], ending('applied'), 0],
      ['1, when a restore is rolled back', ['restore', '-'], ending('rolledBack'), 1],
      [
        '4, when it is refused',
        ['rollback', 'pg'],
        { rollback: () => Promise.reject(new InvalidOptionsError('type', 'is unknown.')) },
        4,
      ],
      ['5, when it fails', ['backup'], { backup: () => Promise.reject(new Error('no')) }, 5],
    ] as [string, string[], Partial<AdminTarget>, number][])('%s', async (_, words, target, expected) => {
      await offer(target);
      const { code, stdout, stderr } = await run([...words, '--socket', folder.at('admin')], {
        stdin: Readable.from(['{}']),
      });
      expect(code).toBe(expected);
      expect(stdout === '').toBe(expected > 1);
      expect(stderr === '').toBe(expected <= 1);
    });

    it('5, when the connection is lost after it has asked, because how it ended is not known', async () => {
      await listen(folder.at('x.sock'), '{"protocol":1}\n');
      expect(await run(['drain', '--socket', folder.at('x.sock')])).toMatchObject({
        code: 5,
        stderr: expect.stringContaining(
          'The connection was lost before the answer, and how it ended is not known',
        ),
      });
    });

    it.each([['7'], ['{"answr":1}'], ['{"failure":1}'], ['no']])(
      '5, when the answer is none: %s',
      async (said) => {
        await listen(folder.at('x.sock'), `{"protocol":1}\n${said}\n`);
        expect(await run(['status', '--socket', folder.at('x.sock')])).toMatchObject({
          code: 5,
          stdout: '',
          stderr: expect.stringContaining('What came as the answer is none.'),
        });
      },
    );

    it('5, when the answer is that of another command', async () => {
      await listen(folder.at('x.sock'), '{"protocol":1}\n{"answer":{}}\n');
      expect(await run(['status', '--socket', folder.at('x.sock')])).toMatchObject({ code: 5, stdout: '' });
    });
  });

  describe('hands over', () => {
    it('a document from a file, or from stdin', async () => {
      const given: unknown[] = [];
      await offer({ restore: async (document) => (given.push(document), restored) });
      writeFileSync(folder.at('backup.json'), '{"version":1,"text":"ä€😀"}');
      await ask('restore', folder.at('backup.json'));
      await run(['restore', '-', '--socket', folder.at('admin')], {
        stdin: Readable.from(['{"version":', '2}']),
      });
      expect(given).toEqual([{ version: 1, text: 'ä€😀' }, { version: 2 }]);
    });

    it('what "backup" has written, to the letter', async () => {
      const document = { text: HOSTILE, big: 'x'.repeat(3_000_000), list: [null, 1.5, { '': '😀\udc00' }] };
      const given: unknown[] = [];
      await offer({
        backup: () => Promise.resolve(document),
        restore: async (read) => (given.push(read), restored),
      });
      const { stdout } = await ask('backup');
      expect(stdout).not.toMatch(UNSAFE);
      await run(['restore', '-', '--socket', folder.at('admin')], { stdin: Readable.from([stdout]) });
      expect(given).toEqual([document]);
    });

    it('who does it: the name of the account, or the one that is given', async () => {
      const claimed: unknown[] = [];
      const done = { outcome: 'applied', version: 1, what: [] } as const;
      await offer({ rollback: async (_type, _version, by) => (claimed.push(by), done) });
      await ask('rollback', 'pg');
      await ask('rollback', 'pg', '2', '--by', 'ada, ticket 7');
      expect(claimed).toEqual([userInfo().username, 'ada, ticket 7']);
    });
  });

  describe('prints', () => {
    const since = new Date('2026-11-28T03:00:00.000Z');
    const what = [{ option: HOSTILE, before: HOSTILE, after: { [HOSTILE]: HOSTILE } as never }];
    const change: ChangeInfo = {
      type: HOSTILE,
      version: 1,
      kind: HOSTILE as never,
      at: since,
      by: HOSTILE,
      outcome: HOSTILE as never,
      cause: HOSTILE,
      what,
    };
    const hostile: Partial<AdminTarget> = {
      stats: () => ({
        phase: HOSTILE,
        pools: { [HOSTILE]: poolStats({ failing: { cause: HOSTILE, since } }) },
        cachedResources: {},
        scopes: 1,
        troubles: [
          {
            source: 'pool',
            type: HOSTILE,
            kind: 'timeout',
            since,
            count: 1,
            cause: HOSTILE,
            owner: HOSTILE,
            key: HOSTILE,
          },
        ],
      }),
      leases: () => [
        { id: HOSTILE, type: HOSTILE, key: HOSTILE, owner: HOSTILE, acquiredAt: since, age: 61_000 },
      ],
      drift: () => ({ [HOSTILE]: what }),
      history: () => [change],
      backup: () => Promise.resolve({ [HOSTILE]: HOSTILE }),
      restore: () =>
        Promise.resolve({
          ...restored,
          outcome: HOSTILE as never,
          cause: HOSTILE,
          types: [{ type: HOSTILE, what, outcome: HOSTILE as never }],
          untouched: [HOSTILE],
        }),
      rollback: () => Promise.reject(new Error(HOSTILE)),
    };

    it.each(COMMAND_NAMES)(
      'nothing of %s that a terminal would obey, and no line that is not its own',
      async (command) => {
        await offer(hostile);
        writeFileSync(folder.at('backup.json'), '{}');
        const words = { rollback: [HOSTILE], restore: [folder.at('backup.json')] }[command as string] ?? [];
        for (const more of [[], ['--json']]) {
          const { stdout, stderr } = await ask(command, ...words, ...more);
          expect(stdout + stderr).not.toMatch(UNSAFE);
          expect(stdout + stderr).not.toMatch(/^\[Nest\]/m);
          expect(stdout + stderr).not.toBe('');
        }
      },
    );

    it('with --json one document, the same that was answered', async () => {
      await offer(hostile);
      const { stdout } = await ask('status', '--json');
      expect(JSON.parse(stdout)).toMatchObject({ phase: HOSTILE, leases: [{ owner: HOSTILE, age: 61_000 }] });
    });

    describe('with --json one document when there is no answer,', () => {
      const errorOf = ({ stdout, code }: Ended): unknown => {
        const { error } = JSON.parse(stdout) as { error: { exitCode: number } };
        expect(error.exitCode).toBe(code);
        return error;
      };

      it.each([
        ['of a wrong command line', ['status', '--json', '--bogus'], 2],
        ['of a wrong command', ['statsu', '--json'], 2],
        ['of a refusal', ['rollback', 'pg', '--json'], 4],
        ['of a failure', ['backup', '--json'], 5],
      ])('%s', async (_, words, exitCode) => {
        await offer({
          rollback: () => Promise.reject(new InvalidOptionsError('type', HOSTILE)),
          backup: () => Promise.reject(new Error(HOSTILE)),
        });
        const ended = await ask(...words);
        expect(errorOf(ended)).toEqual({ exitCode, message: expect.any(String) });
        expect(ended.stderr).toMatch(/^nestjs-resources: /);
        expect(ended.stdout).not.toMatch(UNSAFE);
      });

      it('of several processes with which they are', async () => {
        const sockets = [await offer(), await offer()];
        expect(errorOf(await ask('status', '--json'))).toMatchObject({
          exitCode: 3,
          processes: expect.arrayContaining(
            sockets.map((socket) => ({
              socket,
              pid: process.pid,
              phase: 'ready',
              uptime: expect.any(Number),
            })),
          ),
        });
      });

      it('but none where that is the name of something', async () => {
        expect(await ask('history', '--', '--json')).toMatchObject({
          stdout: expect.not.stringContaining('{'),
        });
      });
    });

    it('of a restore all types, and what was not in the document', async () => {
      const what = [
        { option: 'max', before: 10, after: 20 },
        { option: 'idleTimeout', after: '1m' },
      ];
      await offer({
        restore: (_, { dryRun }) =>
          Promise.resolve({
            ...restored,
            outcome: dryRun ? 'planned' : 'failed',
            types: [
              { type: 'pg', what, outcome: 'applied', version: 4 },
              { type: 'sftp', what: what.slice(1), outcome: 'failed' },
              { type: 'mail', what: [], outcome: 'unchanged' },
            ],
            untouched: ['late'],
            values: { restored: 2, expired: 1 },
            ...(dryRun ? {} : { cause: 'ResourceCreationError, because of Error 28P01' }),
          }),
      });
      writeFileSync(folder.at('b.json'), '{}');
      const rest = [
        'Not in the document, and left alone: late.',
        'Values of the cache: 2 put back, 1 too old.',
        '',
      ];
      const dry = await ask('restore', folder.at('b.json'), '--dry-run');
      expect(dry.stdout.split('\n')).toEqual([
        `restore ${folder.at('b.json')} would change:`,
        '  pg.max            10 -> 20',
        '  pg.idleTimeout    (default) -> 1m',
        '  sftp.idleTimeout  (default) -> 1m',
        ...rest,
      ]);
      heard = { stdout: '', stderr: '' };
      expect((await ask('restore', folder.at('b.json'))).stdout.split('\n')).toEqual([
        `restore ${folder.at('b.json')}: failed: ResourceCreationError, because of Error 28P01.`,
        'pg: applied; version 4 is in force',
        '  pg.max          10 -> 20',
        '  pg.idleTimeout  (default) -> 1m',
        'sftp: failed',
        '  sftp.idleTimeout  (default) -> 1m',
        ...rest,
      ]);
    });

    it('nothing of more than a line of a long name', async () => {
      await offer({ history: () => [{ ...change, by: 'x'.repeat(100_000) }] });
      const { stdout } = await ask('history', 'pg');
      expect(stdout.length).toBeLessThan(1_000);
    });
  });

  it('says on stderr that it is still at it, after a second and then every ten', async () => {
    const drained = new Deferred<DrainReport>();
    let asked = false;
    await offer({
      drain: () => {
        asked = true;
        return drained.promise;
      },
    });
    const ended = ask('drain');
    await eventually(() => expect(asked).toBe(true));
    await time.advance(999);
    expect(heard.stderr).toBe('');
    await time.advance(1);
    expect(heard.stderr).toBe('drain: still at it after 1.0 s\n');
    await time.advance(90_000);
    expect(heard.stderr.split('\n')).toHaveLength(11);
    expect(heard.stderr).toContain('drain: still at it after 1 min 31 s\n');
    drained.resolve({ clean: true, held: [], duration: 95_000 });
    expect(await ended).toMatchObject({ code: 0, stdout: expect.stringContaining('Drained in 1 min 35 s') });
    expect(time.running).toBe(0);
  });

  it('says so, too, while it waits for a process that does not greet', async () => {
    await listen(folder.at('x.sock'), undefined);
    const ended = run(['status', '--socket', folder.at('x.sock')]);
    await eventually(async () => {
      await time.advance(1_000);
      expect(heard.stderr).toMatch(/^status: still at it after /);
    });
    await time.advance(10_000);
    expect(await ended).toMatchObject({ code: 3 });
  });

  it('says nothing of the sort with --json', async () => {
    const drained = new Deferred<DrainReport>();
    let asked = false;
    await offer({ drain: () => ((asked = true), drained.promise) });
    const ended = ask('drain', '--json');
    await eventually(() => expect(asked).toBe(true));
    await time.advance(20_000);
    drained.resolve({ clean: true, held: [], duration: 1 });
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
  });

  it.each([
    [['drain', '--deadline', '1500'], '1500ms'],
    [['drain', '--deadline', '2s'], '2000ms'],
    [['drain', '--deadline', '0'], '0ms'],
  ])('reads %j as milliseconds where there is no unit', async (words, expected) => {
    const asked: unknown[] = [];
    const report = { clean: true, held: [], duration: 1 };
    await offer({ drain: async (deadline) => (asked.push(deadline), report) });
    await ask(...words, '--timeout', '5000');
    expect(asked).toEqual([expected]);
  });

  it('says nothing of the sort of what takes less', async () => {
    await offer();
    expect(await ask('drain')).toMatchObject({ stderr: '' });
  });
});
