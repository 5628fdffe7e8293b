import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COMMANDS } from '../../libs/resources/src/admin/cli/command-helps.js';
import { EXIT_CODES } from '../../libs/resources/src/admin/cli/exit-codes.js';
import { longestPath, SocketPlace } from '../../libs/resources/src/admin/socket/socket-place.js';
import { AppProcess } from '../application/app-process.fixture.js';
import { eventually } from '../eventually.fixture.js';
import { OfferingProcess } from '../library/admin/offering-process.fixture.js';
import { runProgram } from '../library/admin/run-program.fixture.js';
import { readCurl } from './curl.fixture.js';
import { MarkdownDocument } from './document.fixture.js';

const PROGRAM = 'npx nestjs-resources ';

/** Commands, and what they print together. */
interface Example {
  commands: string[];
  /** Undefined where the page does not show it. */
  output: string | undefined;
  line: number;
}

function examplesOf({ blocks }: MarkdownDocument): Example[] {
  return blocks.flatMap((block, index) => {
    const next = blocks.at(index + 1);
    if (block.language !== 'sh' || !/^(curl|npx nestjs-resources) /.test(block.code)) return [];
    const output = next?.language === 'text' ? next.code : undefined;
    return [{ commands: block.code.trimEnd().split('\n'), output, line: block.line }];
  });
}

/** What has numbers that differ from run to run besides those that tell of time. */
const COUNTING = /^npx nestjs-resources (status|drain) /;

const MOMENT = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;
/** A span of time as the program tells it. */
const SPAN = /\d+ (min|h|d) \d+ (s|min|h)|\d+(\.\d+)? (ms|s)\b/g;

/** With counts, how wide columns are differs, too. */
const comparable = (text: string, isCounting: boolean): string => {
  const alike = text.replaceAll(MOMENT, 'then').replaceAll(SPAN, '0 s');
  return (isCounting ? alike.replaceAll(/\d+/g, '0').replaceAll(/ +/g, ' ') : alike).trimEnd();
};

describe('docs/operations/cli.md', () => {
  const page = new MarkdownDocument('docs/operations/cli.md');

  it('lists every command, and what it does', () => {
    const listed = page.tableUnder('Commands').map((row) => [row['command'], row['does']]);
    expect(listed).toEqual(Object.entries(COMMANDS).map(([name, { summary }]) => [name, summary]));
  });

  it('lists every exit code', () => {
    const listed = page.tableUnder('Exit codes').map((row) => [row['code'], row['means']]);
    expect(listed).toEqual(EXIT_CODES.map(([code, means]) => [String(code), means]));
  });

  it('tells how long a path may be', () => {
    expect(page.prose).toContain(
      `${longestPath('linux')} bytes (Linux) or ${longestPath('darwin')} (all others)`,
    );
    const place = new SocketPlace('/run');
    expect(page.prose).toContain(
      `${Buffer.byteLength(place.longest) - Buffer.byteLength('/run')} bytes are kept`,
    );
  });

  it('has an output after each of its commands that prints something', () => {
    const silent = examplesOf(page).filter(({ output }) => output === undefined);
    for (const { commands } of silent)
      for (const command of commands) expect(command).toMatch(/^curl | > backup\.json$/);
    expect(examplesOf(page).length).toBeGreaterThan(silent.length);
  });

  describe('shows what is printed', () => {
    let folder: string;
    let app: AppProcess;
    let offering: OfferingProcess[];
    let slow: Promise<unknown>;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'cli-'));
      offering = [
        await OfferingProcess.start(join(folder, 'doubles')),
        await OfferingProcess.start(join(folder, 'doubles')),
      ];
      app = await AppProcess.start({ ADMIN_SOCKET: join(folder, 'app') });
      await fetch(`${app.url}/reports/statements/Ada`).then((answer) => answer.text());
      await fetch(`${app.url}/reports/days?zone=UTC`).then((answer) => answer.text());
      slow = fetch(`${app.url}/slow?ms=60000`).catch(() => undefined);
      await eventually(async () => expect((await app.resources()).leases).toHaveLength(1));
    });

    afterAll(async () => {
      await app.stop();
      await slow;
      for (const one of offering) await one.close();
      rmSync(folder, { recursive: true });
    });

    /** Where the page says that a socket is, and where it is. */
    const places = (): [string, string][] => [
      ['/run/orders', join(folder, 'doubles')],
      ['/tmp/orders', join(folder, 'app')],
      ['backup.json', join(folder, 'backup.json')],
    ];

    /** @returns what the program has printed on the terminal */
    const run = async (command: string): Promise<string> => {
      if (!command.startsWith(PROGRAM)) {
        const { method, url, headers, body } = readCurl(command);
        const answer = await fetch(new URL(url.pathname, app.url), { method, headers, body });
        expect([200, 201]).toContain(answer.status);
        return '';
      }
      const [words, file] = command.slice(PROGRAM.length).split(' > ');
      const real = places().reduce((text, [told, is]) => text.replaceAll(told, is), words);
      const { stdout, stderr } = await runProgram(real.split(' '));
      if (file === undefined) return stderr + stdout;
      writeFileSync(join(folder, file), stdout);
      return stderr;
    };

    it('by the commands on the page of the application, all of which are obeyed', async () => {
      const { blocks } = new MarkdownDocument('docs/guide/reference-application.md');
      const commands = blocks
        .flatMap(({ code }) => code.split('\n'))
        .filter((line) => line.startsWith(PROGRAM));
      expect(commands.map((line) => line.slice(PROGRAM.length).split(' ')[0]).toSorted()).toEqual(
        Object.keys(COMMANDS).toSorted(),
      );
      for (const command of commands) expect(await run(command)).not.toContain('nestjs-resources: ');
    });

    // In the order in which the reader runs them.
    it.each(examplesOf(page))('by the commands on line $line', async ({ commands, output = '' }) => {
      let printed = '';
      for (const command of commands) printed += await run(command);
      const told = places().reduce((text, [told, is]) => text.replaceAll(is, told), printed);
      const isCounting = commands.some((command) => COUNTING.test(command));
      expect(comparable(told, isCounting)).toBe(comparable(output, isCounting));
    });

    it('and only what can be read back', () => {
      expect(JSON.parse(readFileSync(join(folder, 'backup.json'), 'utf8'))).toMatchObject({
        resources: [{ type: 'pg' }, { type: 'zonedPg' }, { type: 'report' }],
      });
    });
  });
});
