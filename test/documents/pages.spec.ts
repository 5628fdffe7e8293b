import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { typeCheck, unfitForCommonJs } from './code-blocks.fixture.js';
import { MarkdownDocument, PROJECT } from './document.fixture.js';
import { applications, DOCUMENTS, STARTED } from './pages.fixture.js';

interface PackageJson {
  name: string;
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

const readJson = (path: string): PackageJson =>
  JSON.parse(readFileSync(join(PROJECT, path), 'utf8')) as PackageJson;

/** The lines of a document's shell blocks, one command each. */
const commandsOf = (document: MarkdownDocument): string[] =>
  document.blocks
    .filter(({ language }) => language === 'sh')
    .flatMap(({ code }) => code.trimEnd().split(/\n| && /));

/** The packages that a command installs, or none. */
const installedBy = (command: string): string[] =>
  /^npm install (?:--save-dev )?(.+)$/.exec(command)?.[1].split(' ') ?? [];

describe.each(DOCUMENTS)('%s', (path) => {
  const document = new MarkdownDocument(path);

  it('has JSON that parses', () => {
    for (const { language, code } of document.blocks) {
      if (language === 'json') expect(() => JSON.parse(code) as unknown).not.toThrow();
    }
  });

  it('has code in no other language than the checked ones', () => {
    const languages = new Set(document.blocks.map(({ language }) => language));
    // What programs print is compared with what they print: cli.spec.ts. The manifest is compared with its options: lifecycle.spec.ts.
    // The bundler's configuration is built with: test/library/generated/processors/.
    expect(['ts', 'js', 'sh', 'text', 'json', 'sql', 'mermaid', 'yaml']).toEqual(
      expect.arrayContaining([...languages]),
    );
  });

  it('has links that lead somewhere', () => {
    expect(document.brokenLinks()).toEqual([]);
  });

  it('names only npm scripts that exist', () => {
    const text = [document.prose, ...document.blocks.map(({ code }) => code)].join('\n');
    const names = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name);
    expect(Object.keys(readJson('package.json').scripts)).toEqual(expect.arrayContaining(names));
  });

  it('has shell commands that exist', () => {
    const { scripts, dependencies, devDependencies } = readJson('package.json');
    const known = ['npm ci', 'npm start', 'ADMIN_SOCKET=/tmp/orders npm start', 'npm test', '.ci/run'];
    const commands = commandsOf(document)
      // The first are run by other tests, the last are checked above.
      .filter((command) => !/(^|\| )curl |^(npx nestjs-resources|npx autocannon|npm run) /.test(command))
      .filter((command) => installedBy(command).length === 0);
    const installed = commandsOf(document).flatMap(installedBy);
    const packages = Object.keys({ ...dependencies, ...devDependencies });
    expect(known).toEqual(expect.arrayContaining(commands));
    expect(packages).toEqual(expect.arrayContaining(installed));
    expect(packages).toContain(readJson('libs/resources/package.json').name);
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['start', 'test']));
  });

  it('has SQL only where it is run', () => {
    const isRun = STARTED.includes(path);
    expect(document.blocks.some(({ language }) => language === 'sql')).toBe(isRun);
  });
});

// The first of them reads Nest's types and the library's, which takes long on a busy machine.
const READING_TIME = 120_000;

describe.each(applications())('the blocks of %s', (_, documents) => {
  it(
    'compile together',
    () => {
      expect(typeCheck(documents)).toEqual([]);
    },
    READING_TIME,
  );

  it('can stand in a CommonJS application', () => {
    expect(unfitForCommonJs(documents)).toEqual([]);
  });
});

describe.each(STARTED)('%s', (path) => {
  // Every Nest application has these.
  const present = ['@nestjs/common', '@nestjs/core'];

  it('installs what its blocks import', () => {
    const document = new MarkdownDocument(path);
    const code = document.blocks.filter(({ language }) => language === 'ts').map((block) => block.code);
    const imported = [...code.join('\n').matchAll(/ from '((?:@[\w-]+\/)?[\w-]+)(?:\/[\w-]+)?'/g)].map(
      ([, name]) => name,
    );
    const installed = commandsOf(document).flatMap(installedBy);
    expect([...present, ...installed]).toEqual(expect.arrayContaining(imported));
  });
});

describe('a block that awaits outside of functions', () => {
  it('is reported as unfit for CommonJS', () => {
    const blocks = ['await main();\n', 'export const fit = 1;\n'].map((code, index) => {
      return { document: 'any.md', language: 'ts', code, line: 10 * (index + 1) };
    });
    expect(unfitForCommonJs([{ blocks }])).toEqual([expect.stringMatching(/^any\.md:10: SyntaxError: /)]);
  });
});

describe('a block that does not compile', () => {
  it('is reported with its line in the document', () => {
    const code = "import { Rotation } from './rotation.js';\n\nconst size: string = Rotation.length;\n";
    const other = '// rotation.ts\nexport class Rotation {}\nexport const used = size;\n';
    const blocks = [code, other].map((text, index) => {
      return { document: 'any.md', language: 'ts', code: text, line: 10 * (index + 1) };
    });
    expect(typeCheck([{ blocks }])).toEqual([
      "any.md:12: Type 'number' is not assignable to type 'string'.",
      "any.md:12: 'size' is declared but its value is never read.",
      "any.md:22: Cannot find name 'size'.",
    ]);
  });
});

describe('README.md', () => {
  let readme: MarkdownDocument;

  beforeAll(() => {
    readme = new MarkdownDocument('README.md');
  });

  it('has at most 200 lines', () => {
    const lines = readFileSync(join(PROJECT, 'README.md'), 'utf8').trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(200);
  });

  it('names the two commands that are all a fresh machine needs', () => {
    const commands = readme.blocks.filter(({ language }) => language === 'sh').map(({ code }) => code);
    expect(commands).toEqual(expect.arrayContaining(['npm ci && npm start\n', 'npm ci && npm test\n']));
  });

  it('tells only figures that the benchmarks page has, too', () => {
    const measured = new Map(
      new MarkdownDocument('docs/benchmarks.md')
        .tableUnder('Figures')
        .map((row) => [row['what'], row['measured']]),
    );
    const told = readme.tableUnder('How fast it is').map((row) => [row['what'], row['measured']]);
    expect(told.length).toBeGreaterThan(0);
    expect(told).toEqual(told.map(([what]) => [what, measured.get(what)]));
  });
});

describe('docs/contributing/commands.md', () => {
  it('lists every npm script that is run by hand', () => {
    const { scripts } = readJson('package.json');
    // The others are steps of these.
    const byHand = Object.keys(scripts).filter((name) => !/^(pre.+|build|docs:api)$/.test(name));
    const listed = new MarkdownDocument('docs/contributing/commands.md')
      .tableUnder('Commands')
      .map((row) => row['command'].replace(/^npm (run )?/, ''));
    expect(listed).toEqual(expect.arrayContaining(byHand));
  });
});
