import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findFreePort } from '../tools/embedded-server/free-port.js';
import { AppProcess } from './application/app-process.fixture.js';
import { BlocksOnDisk } from './code-blocks.fixture.js';
import { readCurl } from './documents/curl.fixture.js';
import { MarkdownDocument } from './document.fixture.js';
import { eventually } from './eventually.fixture.js';
import { Postgres } from './application/postgres.fixture.js';

const README = new MarkdownDocument('README.md');

describe("the guide's files, compiled and run against a database", () => {
  let postgres: Postgres;
  let blocks: BlocksOnDisk;

  const environment = (): NodeJS.ProcessEnv => ({
    ...process.env,
    DATABASE_URL: postgres.url,
    NODE_OPTIONS: '',
  });

  /** What a file writes. Rejects when it ends with an error. */
  async function run(file: string): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, [blocks.fileOf(file)], {
      env: environment(),
    });
    return stdout;
  }

  beforeAll(async () => {
    postgres = await Postgres.start();
    await postgres.query('CREATE TABLE orders (id integer PRIMARY KEY, item text NOT NULL)');
    await postgres.query(`INSERT INTO orders VALUES (-1, 'nothing'), (1, 'tea'), (2, 'coffee')`);
    blocks = new BlocksOnDisk(README);
  });

  afterAll(async () => {
    blocks.remove();
    await postgres.stop();
  });

  it('are an application that answers, works past a response, and stops cleanly', async () => {
    const port = await findFreePort();
    const app = spawn(process.execPath, [blocks.fileOf('main.ts')], {
      env: { ...environment(), PORT: `${port}`, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(app, 'close');
    let log = '';
    app.stdout.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    const orders = `http://127.0.0.1:${port}/orders`;
    try {
      await eventually(async () => expect(await (await fetch(`${orders}/count`)).text()).toBe('3'), 20_000);
      expect(await (await fetch(`${orders}/1`)).json()).toEqual({ id: 1, item: 'tea' });
      expect((await fetch(`${orders}/archive`, { method: 'POST' })).status).toBe(202);
      await eventually(async () => expect(await (await fetch(`${orders}/count`)).text()).toBe('2'));
    } finally {
      app.kill('SIGTERM');
      await ended;
    }
    expect(log).toContain('All leases came back');
  });

  it('are a script that uses the pool alone', async () => {
    expect(await run('script.ts')).toMatch(/^20\d\d\nall leases came back\n$/);
  });

  it('are a unit test that passes', async () => {
    await expect(run('orders.service.example.ts')).resolves.toBe('');
  });
});

describe('the curl commands for the reference application', () => {
  /** What is meant to fail. */
  const failures: Record<string, number> = { '/fail': 500 };
  const commands = README.blocks
    .filter(({ language }) => language === 'sh')
    .flatMap(({ code }) => code.trimEnd().split('\n'))
    .filter((line) => line.startsWith('curl '));
  let app: AppProcess;

  beforeAll(async () => {
    app = await AppProcess.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  // In the order in which the reader runs them.
  it.each(commands)('%s', async (command) => {
    const { method, url, headers, body } = readCurl(command);
    const answer = await fetch(new URL(url.pathname + url.search, app.url), { method, headers, body });
    expect(url.host).toBe('localhost:3000');
    expect(await answer.text()).not.toBe('');
    expect(answer.status).toBe(failures[url.pathname] ?? (method === 'POST' ? 201 : 200));
  });
});
