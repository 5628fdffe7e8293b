import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import * as library from 'nestjs-resources';
import { DEFAULT_CACHE_OPTIONS, EVICTION_NAMES } from 'nestjs-resources/cache';
import { RETIRE_REASONS } from 'nestjs-resources/pool';
import { readCoordinatorOptions } from '../libs/resources/src/coordinator/coordinator-options.js';
import { ResourceExceptionFilter } from '../libs/resources/src/nest/contexts/http/resource-exception.filter.js';
import { parseDuration } from '../libs/resources/src/time/duration.js';
import { membersOf, typeCheck } from './code-blocks.fixture.js';
import { MarkdownDocument, PROJECT } from './document.fixture.js';

/** Nest's key for what a filter catches. */
const CATCHES = '__filterCatchExceptions__';

const DOCUMENTS = ['README.md', ...readdirSync(join(PROJECT, 'docs')).map((name) => `docs/${name}`)];

interface PackageJson {
  name: string;
  scripts: Record<string, string>;
}

const readJson = (path: string): PackageJson =>
  JSON.parse(readFileSync(join(PROJECT, path), 'utf8')) as PackageJson;

/** `{ creation: { timeout: '10s' } }` as `creation.timeout` with the default as the source writes it. */
function flatten(options: object, prefix = ''): [string, string][] {
  return Object.entries(options).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null
      ? flatten(value, `${prefix}${name}.`)
      : [[`${prefix}${name}`, typeof value === 'string' ? `'${value}'` : String(value)]],
  );
}

describe.each(DOCUMENTS)('%s', (path) => {
  const document = new MarkdownDocument(path);

  it('has TypeScript that compiles', () => {
    expect(typeCheck(document)).toEqual([]);
  });

  it('has JSON that parses', () => {
    for (const { language, code } of document.blocks) {
      if (language === 'json') expect(() => JSON.parse(code) as unknown).not.toThrow();
    }
  });

  it('has code in no other language than the checked ones', () => {
    const languages = new Set(document.blocks.map(({ language }) => language));
    expect(['ts', 'sh', 'json', 'mermaid']).toEqual(expect.arrayContaining([...languages]));
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
    const { scripts } = readJson('package.json');
    const known = [
      'npm ci',
      'npm start',
      'npm test',
      `npm install ${readJson('libs/resources/package.json').name}`,
      '.ci/run',
    ];
    const commands = document.blocks
      .filter(({ language }) => language === 'sh')
      .flatMap(({ code }) => code.trimEnd().split(/\n| && /))
      // The first are run by another test, the second are checked above.
      .filter((command) => !/^(curl|npm run) /.test(command));
    expect(known).toEqual(expect.arrayContaining(commands));
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['start', 'test']));
  });
});

describe('a block that does not compile', () => {
  it('is reported with its line in the document', () => {
    const code = "import { Rotation } from './rotation.js';\n\nconst size: string = Rotation.length;\n";
    const other = '// rotation.ts\nexport class Rotation {}\nexport const used = size;\n';
    const blocks = [code, other].map((text, index) => {
      return { document: 'any.md', language: 'ts', code: text, line: 10 * (index + 1) };
    });
    expect(typeCheck({ path: 'any.md', blocks })).toEqual([
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

  /** The rows of an option table, and the defaults that it gives. */
  const optionsUnder = (heading: string): Map<string, string> =>
    new Map(readme.tableUnder(heading).map((row) => [row['option'], row['default']]));

  it('lists every option of a pool with its default', () => {
    const listed = optionsUnder('Pool options');
    expect([...listed.keys()].toSorted()).toEqual(membersOf('PoolOptions').toSorted());
    for (const [name, value] of flatten(library.DEFAULT_POOL_OPTIONS)) {
      expect([name, listed.get(name)]).toEqual([name, value]);
    }
  });

  it('lists every option of the cache with its default', () => {
    const listed = optionsUnder('Cache options');
    expect([...listed.keys()]).toEqual(membersOf('CacheOptions'));
    for (const [name, value] of flatten(DEFAULT_CACHE_OPTIONS)) {
      expect([name, listed.get(name)]).toEqual([name, value]);
    }
  });

  it('lists every option of a load and of a cached lease', () => {
    expect([...optionsUnder('Load options').keys()]).toEqual(membersOf('WrapOptions'));
    expect([...optionsUnder('Lease options').keys()]).toEqual(membersOf('LeaseOptions'));
  });

  it('names every eviction policy', () => {
    for (const name of EVICTION_NAMES) expect(readme.prose).toContain(`\`'${name}'\``);
  });

  it('lists every option of the module with its default', () => {
    const listed = optionsUnder('Module options');
    const members = membersOf('CoordinatorOptions').map((name) => name.split('.')[0]); // the cache's have a table of their own
    expect([...listed.keys()]).toEqual([...new Set(members)]);
    const drainTimeout = listed.get('drainTimeout')?.replaceAll("'", '') ?? '';
    expect(parseDuration(drainTimeout, 'drainTimeout')).toBe(new library.ResourceCoordinator().drainTimeout);
    const deadlockTimeout = listed.get('deadlockTimeout')?.replaceAll("'", '') ?? '';
    expect(parseDuration(deadlockTimeout, 'deadlockTimeout')).toBe(
      readCoordinatorOptions({}).deadlockTimeout,
    );
  });

  it('lists every option of an acquisition', () => {
    const members = [...membersOf('AcquireOptions'), ...membersOf('BorrowOptions')]; // the coordinator's extend the pool's
    expect([...optionsUnder('Acquire options').keys()]).toEqual(members);
  });

  it('lists every error with the status that HTTP clients get', () => {
    const caught = new Set(Reflect.getMetadata(CATCHES, ResourceExceptionFilter) as unknown[]);
    const statuses = Object.entries(library)
      .filter(([name]) => name.endsWith('Error') && name !== library.ResourceError.name)
      .map(([name, error]) => [name, caught.has(error) ? '503' : '500']);
    const listed = readme.tableUnder('Errors').map((row) => [row['error'], row['HTTP']]);
    expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(statuses));
  });

  it('tells of a lease going back only what tests over real sockets prove', () => {
    const specs = ['behaviour', 'bodies', 'unseen-work', 'graphql'].map((name) =>
      readFileSync(join(PROJECT, `test/library/http/${name}.spec.ts`), 'utf8'),
    );
    const named = /(?:behaviour: |it\()(['"])(.+: .+)\1,/g;
    const proved = specs.flatMap((spec) => [...spec.matchAll(named)].map(([, , behaviour]) => behaviour));
    const told = readme
      .tableUnder('When a lease goes back')
      .map((row) => `${row['what happens']}: ${row['the lease goes back']}`);
    expect(told.length).toBeGreaterThan(0);
    expect(proved).toEqual(expect.arrayContaining(told));
  });

  it('lists every reason to retire', () => {
    for (const reason of RETIRE_REASONS) expect(readme.prose).toContain(`\`${reason}\``);
  });
});
