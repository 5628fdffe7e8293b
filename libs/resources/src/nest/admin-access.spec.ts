import { Injectable, Logger, Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { eventually } from '../../../../test/eventually.fixture.js';
import { RawClient, TemporaryDirectory } from '../admin/admin-socket.fixture.js';
import { COMMAND_NAMES } from '../admin/protocol.js';
import { ResourceCoordinator } from '../coordinator/resource-coordinator.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { Deferred } from '../pool/deferred.fixture.js';
import { PooledResource } from './decorators/pooled-resource.decorator.js';
import { ResourcesModule } from './resources.module.js';
import type { ResourcesOptions } from './resources.options.js';

const SECRETS = ['hunter2', 's3cr3t-token', 'c0nn-str1ng', 'cached-s3cret', 'k3y'];

describe('the admin socket of an application', () => {
  let folder: TemporaryDirectory;
  let applications: TestingModule[];
  let lines: string[];

  beforeEach(() => {
    folder = new TemporaryDirectory();
    applications = [];
    lines = [];
    for (const level of ['log', 'warn', 'error'] as const)
      jest.spyOn(Logger.prototype, level).mockImplementation(function (this: Logger, line: unknown) {
        if ((this as unknown as { context: string }).context === 'Resources')
          lines.push(`${level} ${String(line)}`);
      });
  });

  afterEach(async () => {
    for (const application of applications) await application.close();
    folder.remove();
    jest.restoreAllMocks();
  });

  const make = async (
    options: ResourcesOptions,
    providers: (new () => unknown)[] = [],
  ): Promise<TestingModule> => {
    const module = await Test.createTestingModule({
      imports: [ResourcesModule.forRoot(options)],
      providers,
    }).compile();
    applications.push(module);
    return module;
  };
  const admin = (...names: string[]) => ({ socket: folder.at('admin', ...names) });
  const own = (): string => folder.at('admin', `${process.pid}.sock`);
  const ask = async (command: string, args: object = {}, path = own()): Promise<unknown> => {
    const [, answer] = (await RawClient.ask(path, JSON.stringify({ command, args }))).split('\n');
    return JSON.parse(answer) as unknown;
  };

  it('is off by default', async () => {
    await (await make({})).init();
    await (await make({ admin: {} })).init();
    await (await make({ admin: { socket: undefined } })).init();
    expect(readdirSync(folder.path)).toEqual([]);
    expect(lines).toEqual([]);
  });

  it('answers while the application runs, and is gone afterwards', async () => {
    const module = await make({ resources: { pg: { create: () => ({}) } }, admin: admin() });
    expect(existsSync(own())).toBe(false);
    await module.init();
    expect(lines).toEqual([`log The admin socket is ${own()}`]);
    expect(await ask('status')).toMatchObject({ answer: { types: [{ type: 'pg' }] } });
    await module.close();
    expect(readdirSync(folder.at('admin'))).toEqual([]);
  });

  describe('while the application starts', () => {
    let made: Deferred<object>;
    let module: TestingModule;
    let starting: Promise<unknown>;

    beforeEach(async () => {
      made = new Deferred();
      const pg = { create: () => made.promise, pool: { min: 1 } };
      module = await make({ resources: { pg }, drainTimeout: 0, admin: admin() });
      starting = module.init();
      starting.catch(() => undefined);
      await eventually(() => expect(existsSync(own())).toBe(true));
    });

    it('answers', async () => {
      expect(await ask('status')).toMatchObject({ answer: { phase: 'starting', types: [{ creating: 1 }] } });
      made.resolve({});
      await starting;
    });

    it('is gone when it is closed', async () => {
      const closing = module.close();
      made.resolve({});
      await closing;
      await Promise.allSettled([starting]);
      expect(readdirSync(folder.at('admin'))).toEqual([]);
    });
  });

  it('is closed when the start fails', async () => {
    const create = (): Promise<object> => Promise.reject(new Error('no'));
    const pg = { create, pool: { min: 1, acquireTimeout: '50ms' } };
    const module = await make({ resources: { pg }, admin: admin() });
    await expect(module.init()).rejects.toThrow();
    expect(readdirSync(folder.at('admin'))).toEqual([]);
  });

  it('is closed when the start is refused', async () => {
    @Injectable()
    class Asks {
      @PooledResource('unknown') readonly unknown!: unknown;
    }
    const module = await make({ admin: admin() }, [Asks]);
    await expect(module.init()).rejects.toThrow('No resource type "unknown" is registered');
    expect(readdirSync(folder.at('admin'))).toEqual([]);
  });

  it('that can not be opened fails the start before anything is created', async () => {
    mkdirSync(folder.at('admin'));
    chmodSync(folder.at('admin'), 0o755);
    const create = jest.fn(() => ({}));
    const module = await make({ resources: { pg: { create, pool: { min: 1 } } }, admin: admin() });
    const start = module.init();
    await expect(start).rejects.toThrow(InvalidOptionsError);
    await expect(start).rejects.toThrow('has mode 0755, not 0700');
    expect(create).not.toHaveBeenCalled();
  });

  it.each([
    [{ socket: 7 }, '"admin.socket" must be the path of a directory'],
    [{ sockte: '/run' }, '"admin.sockte" is not an option. Known options: socket.'],
    [true, '"admin" must be an object; got true.'],
    [{ socket: `/${'x'.repeat(200)}` }, '"admin.socket" is too long'],
  ])('is refused as %j, before anything starts', async (wrong, message) => {
    await expect(make({ admin: wrong as never })).rejects.toThrow(message);
  });

  it('is no option of a coordinator alone', () => {
    expect(() => new ResourceCoordinator({ admin: {} } as never)).toThrow('"admin" is not an option.');
  });

  it('is one for each application of a process', async () => {
    for (const type of ['one', 'other'])
      await (await make({ resources: { [type]: { create: () => ({}) } }, admin: admin() })).init();
    const second = folder.at('admin', `${process.pid}-2.sock`);
    expect(await ask('status')).toMatchObject({ answer: { types: [{ type: 'one' }] } });
    expect(await ask('status', {}, second)).toMatchObject({ answer: { types: [{ type: 'other' }] } });
    await applications[0].close();
    expect(readdirSync(folder.at('admin'))).toEqual([`${process.pid}-2.sock`]);
  });

  it('is refused to a second application that names the same one', async () => {
    await (await make({ admin: admin('a.sock') })).init();
    await expect((await make({ admin: admin('a.sock') })).init()).rejects.toThrow('is in use');
    expect(await ask('status', {}, folder.at('admin', 'a.sock'))).toMatchObject({ answer: {} });
  });

  it('is opened for options that come later, by getters of a class', async () => {
    class Settings {
      get admin() {
        return admin();
      }
    }
    const imports = [ResourcesModule.forRootAsync({ useFactory: () => new Settings() })];
    const module = await Test.createTestingModule({ imports }).compile();
    applications.push(module);
    await module.init();
    expect(await ask('status')).toMatchObject({ answer: { phase: expect.any(String) } });
  });

  it('drains the application, which then still tells that it did, and closes as always', async () => {
    const module = await make({ resources: { pg: { create: () => ({}) } }, admin: admin() });
    await module.init();
    await module.get(ResourceCoordinator).acquire('pg', { owner: 'Orders.find' });
    expect(await ask('drain', { deadline: '0ms', by: 'ada' })).toMatchObject({
      answer: { clean: false, leased: 1, held: [{ owner: 'Orders.find' }] },
    });
    expect(lines).toContain('warn Admin: drain, asked by ada');
    expect(await ask('status')).toMatchObject({ answer: { types: [], leased: 0 } });
    await module.close();
    expect(existsSync(own())).toBe(false);
  });

  it('answers a drain that is in progress when the application is closed', async () => {
    const module = await make({ resources: { pg: { create: () => ({}) } }, admin: admin() });
    await module.init();
    const coordinator = module.get(ResourceCoordinator);
    const lease = await coordinator.acquire('pg');
    const answered = ask('drain');
    await eventually(() => expect(coordinator.draining).toBe(true));
    const closing = module.close();
    await lease.release();
    await closing;
    expect(await answered).toMatchObject({ answer: { clean: true } });
  });

  it('obeys "logging"', async () => {
    await (await make({ admin: admin(), logging: false })).init();
    await ask('drain');
    expect(lines).toEqual([]);
  });

  it('stands beside lazily loaded features', async () => {
    @Module({ imports: [ResourcesModule.forFeature({ later: { create: () => ({}) } })] })
    class Feature {}
    const imports = [ResourcesModule.forRoot({ admin: admin() }), Feature];
    const module = await Test.createTestingModule({ imports }).compile();
    applications.push(module);
    await module.init();
    expect(await ask('status')).toMatchObject({ answer: { types: [{ type: 'later' }] } });
    expect(readdirSync(folder.at('admin'))).toEqual([`${process.pid}.sock`]);
  });

  it('answers with no secret: not of factories, options, resources, values, errors or the environment', async () => {
    const [password, token, connection, value, key] = SECRETS;
    process.env['DATABASE_PASSWORD'] = password;
    const failure = Object.assign(
      new Error(`connect to postgresql://ada:${password}@db?sslkey=${key} failed`),
      {
        connectionString: connection,
        config: { password },
      },
    );
    class Failing {
      readonly password = password;
      readonly connectionString = connection;
      create(): Promise<object> {
        return Promise.reject(failure);
      }
    }
    const module = await make({
      resources: {
        pg: new Failing(),
        sftp: { create: () => ({ token, connection }), pool: { leaks: { stack: 'always' } } },
      },
      admin: admin(),
    });
    await module.init();
    const coordinator = module.get(ResourceCoordinator);
    const lease = await coordinator.acquire('sftp', { owner: 'Orders.find' });
    await expect(coordinator.acquire('pg', { timeout: '50ms' })).rejects.toThrow();
    await coordinator.cache.put('session', { value });
    const credentials = { secret: () => Promise.resolve({ password, key }) };
    const made = { create: () => ({ token }), credential: connection };
    const changes = [
      await coordinator.reconfigure('sftp', { factory: made, credentials }, { by: 'ada' }),
      await coordinator.reconfigure('sftp', { factory: new Failing() }),
    ];
    expect(changes.map(({ outcome }) => outcome)).toEqual(['applied', 'rolledBack']);
    const { answer: document } = (await ask('backup')) as { answer: object };
    const answers: string[] = [];
    for (const args of [{ document }, { document, dryRun: true }, { document: { ...document, password } }])
      answers.push(await RawClient.ask(own(), JSON.stringify({ command: 'restore', args })));
    answers.push(await RawClient.ask(own(), JSON.stringify({ command: 'diff', args: { document } })));
    for (const args of [{ dryRun: true }, { by: 'ada' }, { version: 1 }, { version: 99 }])
      answers.push(
        await RawClient.ask(own(), JSON.stringify({ command: 'rollback', args: { type: 'sftp', ...args } })),
      );
    for (const command of COMMAND_NAMES)
      for (const args of [
        {},
        { type: 'pg' },
        { type: 'sftp', version: 1 },
        { document: { pg: { password } } },
        { dryRun: true },
      ])
        if (command !== 'drain') answers.push(await RawClient.ask(own(), JSON.stringify({ command, args })));
    answers.push(await RawClient.ask(own(), '{"command":"drain","args":{"deadline":"0ms"}}'));
    await lease.release();
    delete process.env['DATABASE_PASSWORD'];
    expect(answers.join('\n')).toContain('failed');
    expect(answers.join('\n')).toContain('rolledBack');
    expect(answers.join('\n')).toContain('***');
    for (const secret of SECRETS) expect(answers.join('\n')).not.toContain(secret);
  });
});
