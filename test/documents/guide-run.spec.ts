import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AppProcess } from '../application/app-process.fixture.js';
import { readCurl } from './curl.fixture.js';
import { MarkdownDocument } from './document.fixture.js';
import { askTheGuide, CLEAN_END } from './guide-answers.fixture.js';
import { DOCUMENTS, handbook } from './pages.fixture.js';
import { StartedApplication } from './started-application.fixture.js';
import { eventually } from '../eventually.fixture.js';

/** What a shell's command writes: what it pipes into `curl -d @-`. */
async function outputOf(command: string): Promise<string> {
  return (await promisify(execFile)('sh', ['-c', command], { maxBuffer: 2 ** 24 })).stdout;
}

const text = async (url: string): Promise<string> => await (await fetch(url)).text();

describe("the guide's files, compiled and run against a database", () => {
  let guide: StartedApplication;

  beforeAll(async () => {
    guide = await StartedApplication.prepare(handbook());
  });

  afterAll(async () => {
    await guide.remove();
  });

  it('are an application that answers, works past a response, and stops cleanly', async () => {
    expect(await guide.serve(askTheGuide)).toContain(CLEAN_END);
  });

  it('are a script that uses the pool alone', async () => {
    expect(await guide.run('script.ts')).toMatch(/^20\d\d\nall leases came back\n$/);
  });

  it.each([
    'orders.service.spec.ts',
    'labels.module.spec.ts',
    'app.module.spec.ts',
    'leases.spec.ts',
    'reports.module.spec.ts',
  ])('are a test that passes, %s', async (file) => {
    await expect(guide.test(file)).resolves.toBeUndefined();
  });
});

describe("the guide's resources of tenants", () => {
  /** Prints of which database a client is that was made for a key. */
  const ask = (imports: string, make: string): string => `
    ${imports}
    const client = await ${make};
    const { rows } = await client.query('SELECT current_database() AS name');
    console.log(rows[0].name);
    await client.end();
  `;
  const rows: [string, string, (key: string) => string][] = [
    [
      'a keyed pool',
      "import { tenant } from './tenants.js';",
      (key) =>
        `tenant.create({ key: ${JSON.stringify(key)}, retire() {}, signal: new AbortController().signal })`,
    ],
    [
      'a cached resource',
      "import { TenantDbFactory } from './invoices.js';",
      (key) =>
        `new TenantDbFactory({ url: process.env.DATABASE_URL }).create({ key: ${JSON.stringify(key)}, retire() {}, signal: new AbortController().signal })`,
    ],
  ];
  const keys = ['acme', 'north south', '%2e%2e'];
  let guide: StartedApplication;

  beforeAll(async () => {
    guide = await StartedApplication.prepare(handbook());
    for (const key of keys) await guide.query(`CREATE DATABASE "tenant_${key}"`);
  });

  afterAll(async () => {
    await guide.remove();
  });

  describe.each(rows)('%s', (_, imports, make) => {
    it.each(keys)('is in the database of its tenant, %s', async (key) => {
      expect(await guide.evaluate(ask(imports, make(key)))).toBe(`tenant_${key}\n`);
    });

    it.each(['nobody', '/../tenant_acme'])('is refused to a tenant without a database, %s', async (key) => {
      await expect(guide.evaluate(ask(imports, make(key)))).rejects.toThrow('does not exist');
    });
  });
});

describe("the README's files, compiled and run against a database", () => {
  let example: StartedApplication;

  beforeAll(async () => {
    example = await StartedApplication.prepare([new MarkdownDocument('README.md')]);
  });

  afterAll(async () => {
    await example.remove();
  });

  it('are an application that answers, is healthy, and stops cleanly', async () => {
    const log = await example.serve(async (url) => {
      await eventually(async () => expect(await text(`${url}/orders/count`)).toBe('2'), 20_000);
      expect(await (await fetch(`${url}/orders/1`)).json()).toEqual({ id: 1, item: 'tea' });
      expect(await (await fetch(`${url}/health/ready`)).json()).toMatchObject({ status: 'ok' });
    });
    expect(log).toContain(CLEAN_END);
  });
});

describe('the curl commands for the reference application', () => {
  /** What is meant to fail. */
  const failures: Record<string, number> = { '/fail': 500 };
  // Those of the page of processors are for the application that it makes: processors-run.spec.ts.
  const pages = DOCUMENTS.filter((path) => path !== 'docs/guide/processors.md');
  const commands = pages
    .flatMap((path) => new MarkdownDocument(path).blocks)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ code }) => code.trimEnd().split('\n'))
    .filter((line) => /(^|\| )curl /.test(line));
  let app: AppProcess;

  beforeAll(async () => {
    app = await AppProcess.start();
  });

  afterAll(async () => {
    await app.stop();
  });

  // In the order in which the reader runs them.
  it.each(commands)('%s', async (command) => {
    const [line, source] = command.split(' | ').toReversed();
    const { method, url, headers, body } = readCurl(line);
    const sent = body === '@-' ? await outputOf(source) : body;
    const answer = await fetch(new URL(url.pathname + url.search, app.url), { method, headers, body: sent });
    expect(url.host).toBe('localhost:3000');
    expect(await answer.text()).not.toBe('');
    expect(answer.status).toBe(failures[url.pathname] ?? (method === 'POST' ? 201 : 200));
  });
});
