import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BlocksOnDisk } from './code-blocks.fixture.js';
import { readCurl } from './curl.fixture.js';
import { MarkdownDocument, PROJECT } from './document.fixture.js';
import { serve } from './serve.fixture.js';
import { eventually } from '../eventually.fixture.js';

/** What a generated application has, and what the page says to do with it. */
const MAIN = `
  import 'reflect-metadata';
  import { Module } from '@nestjs/common';
  import { NestFactory } from '@nestjs/core';
  import { ResourcesModule } from 'nestjs-resources';
  import { BlockingController } from './blocking.controller.js';
  import { ReportLinesController } from './report-lines.controller.js';
  import { ReportsModule } from './reports.module.js';

  class AppModule {}
  Module({
    imports: [ResourcesModule.forRoot({ drainTimeout: '10s' }), ReportsModule],
    controllers: [BlockingController, ReportLinesController],
  })(AppModule);
  const app = await NestFactory.create(AppModule);
  app.enableShutdownHooks();
  await app.listen(process.env.PORT);
`;

const page = new MarkdownDocument('docs/guide/processors.md');
const commands = page.blocks
  .filter(({ language }) => language === 'sh')
  .flatMap(({ code }) => code.trimEnd().split('\n'));

/** What a `curl` command of the page brings. */
async function curl(route: string, url: string): Promise<string> {
  const line = commands.find((command) => command.startsWith(`curl localhost:3000/${route} `)) ?? '';
  const { method, headers, body } = readCurl(line);
  return await (await fetch(`${url}/${route}`, { method, headers, body })).text();
}

/** How often `/ping` was answered, one after the other, while a report was made. */
async function pingsDuring(route: string, url: string): Promise<{ pings: number; text: string }> {
  let pings = 0;
  const report = { text: '' };
  const asked = curl(route, url).then((answer) => (report.text = answer));
  while (report.text === '') {
    // What was kept alive would be closed when the event loop comes round after seconds.
    await fetch(`${url}/ping`, { headers: { connection: 'close' } });
    pings++;
  }
  return { pings, text: await asked };
}

/** What the page's command to measure says. */
async function measure(url: string): Promise<unknown> {
  const line = commands.find((command) => command.startsWith('npx autocannon ')) ?? '';
  const [, , ...args] = line.replace('http://localhost:3000', url).split(' ');
  const program = join(PROJECT, 'node_modules/autocannon/autocannon.js');
  return JSON.parse((await promisify(execFile)(process.execPath, [program, '--json', ...args])).stdout);
}

describe("the application of the processors' page", () => {
  let blocks: BlocksOnDisk;
  const start = (work: (url: string) => Promise<void>): Promise<string> =>
    serve(process.execPath, blocks.fileOf('main.ts'), { ...process.env, NODE_OPTIONS: '' }, async (url) => {
      await eventually(async () => expect((await fetch(`${url}/ping`)).ok).toBe(true));
      await work(url);
    });

  beforeAll(() => {
    blocks = new BlocksOnDisk([page]);
    writeFileSync(join(dirname(blocks.fileOf('main.ts')), 'main.js'), MAIN);
  });

  afterAll(() => {
    blocks.remove();
  });

  it('keeps everybody waiting for a report that it renders itself, and nobody for one of a processor', async () => {
    const log = await start(async (url) => {
      const blocking = await pingsDuring('blocking', url);
      const lent = await pingsDuring('reports', url);
      expect(lent.text).toBe(blocking.text);
      expect(lent.pings).toBeGreaterThan(10 + 2 * blocking.pings);
      expect(await measure(url)).toMatchObject({
        errors: 0,
        non2xx: 0,
        latency: { p99: expect.any(Number) },
      });
    });
    expect(log).toContain('All leases came back');
  });

  it('sends what comes in parts', async () => {
    await start(async (url) => {
      const answer = await fetch(`${url}/lines`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"title":"May","rows":1000}',
      });
      expect(answer.headers.get('content-type')).toBe('text/plain');
      expect(await answer.text()).toMatch(/^May: 0\nMay: 1\n[^]*May: 999\n$/);
    });
  });
});
