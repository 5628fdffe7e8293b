import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MarkdownDocument, PROJECT } from './document.fixture.js';
import { PAGES } from './pages.fixture.js';

/** The folders of the documentation that are for users of the library. */
const FOR_USERS = /^docs\/(guide|reference|operations|recipes)\//;
const PAGES_FOR_USERS = PAGES.filter((path) => FOR_USERS.test(path));

const LIBRARY = join(PROJECT, 'libs/resources');

interface PackageJson {
  name: string;
  version: string;
  bin: Record<string, string>;
  exports: Record<string, string | Record<string, string>>;
  main: string;
  types: string;
  typesVersions: Record<string, Record<string, string[]>>;
  engines: Record<string, string>;
}

interface Lock {
  packages: Record<string, { resolved?: string; optionalDependencies?: Record<string, string> }>;
}

const readPackage = (folder: string): PackageJson =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageJson;

const ENTRY_POINTS = Object.entries(readPackage(LIBRARY).exports)
  .filter(([, target]) => typeof target === 'object')
  .map(([subpath]) => subpath);

function formsOf(subpath: string): { module: string; commonJs: string } {
  const target = readPackage(LIBRARY).exports[subpath];
  if (typeof target === 'string') throw new Error(`${subpath} is no entry point`);
  return { module: target['import'], commonJs: target['default'] };
}

/** What a program tells that stands in the package's folder, where the package can be asked for by its name. */
function told(program: string): unknown {
  const frame = `
    import { createRequire } from 'node:module';
    import { pathToFileURL } from 'node:url';
    const require = createRequire(process.cwd() + '/');
    const { name, exports } = require('./package.json');
    const subpaths = ${JSON.stringify(ENTRY_POINTS)};
    const told = [];
    const tell = (text) => told.push(text);
    ${program}
    console.log(JSON.stringify(told));
  `;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', frame], {
    cwd: LIBRARY,
    env: { ...process.env, NODE_OPTIONS: '--no-warnings' },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as unknown;
}

describe('the packed library', () => {
  const folder = mkdtempSync(join(tmpdir(), 'packed-'));
  let files: string[];
  let modes: Map<string, number>;

  beforeAll(() => {
    const { status, stdout, stderr } = spawnSync('npm', ['pack', '--json', '--pack-destination', folder], {
      cwd: LIBRARY,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    });
    if (status !== 0) throw new Error(stderr);
    const [packed] = JSON.parse(stdout) as { files: { path: string; mode: number }[] }[];
    files = packed.files.map(({ path }) => path);
    modes = new Map(packed.files.map(({ path, mode }) => [path, mode]));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(['README.md', 'CHANGELOG.md', 'LICENSE', ...PAGES_FOR_USERS])('has the %s of the root', (name) => {
    expect(files).toContain(name);
    expect(readFileSync(join(LIBRARY, name), 'utf8')).toBe(readFileSync(join(PROJECT, name), 'utf8'));
  });

  it('has no page about work on the repository', () => {
    const pages = files.filter((path) => path.startsWith('docs/'));
    expect(pages.toSorted()).toEqual(PAGES_FOR_USERS.toSorted());
  });

  it('has pages that lead only to what is packed with them', () => {
    const linked = PAGES_FOR_USERS.flatMap((path) => new MarkdownDocument(path).linked);
    expect(files).toEqual(expect.arrayContaining(linked));
  });

  it('has the code and the types of every entry point', () => {
    const { main, types, exports } = readPackage(LIBRARY);
    const code = [main, ...Object.values(exports).flatMap((target) => Object.values(target))].filter((path) =>
      path.endsWith('.js'),
    );
    const targets = [types, ...code, ...code.map((path) => path.replace(/\.js$/, '.d.ts'))];
    expect(files).toEqual(expect.arrayContaining(targets.map((target) => target.replace('./', ''))));
  });

  it.each(ENTRY_POINTS)(
    'has %s as an ES module for whoever can load one, and as CommonJS for all others',
    (subpath) => {
      const { module, commonJs } = formsOf(subpath);
      expect(Object.entries(readPackage(LIBRARY).exports[subpath])).toEqual([
        ['module-sync', module],
        ['import', module],
        ['default', commonJs],
      ]);
      expect(commonJs).toBe(module.replace('./dist/', './dist/cjs/'));
    },
  );

  it.each(ENTRY_POINTS)('has types of %s for compilers that know nothing of exports', (subpath) => {
    const { main, types, typesVersions } = readPackage(LIBRARY);
    const { commonJs } = formsOf(subpath);
    const declared = commonJs.replace(/\.js$/, '.d.ts');
    if (subpath === '.') expect([main, types]).toEqual([commonJs, declared]);
    else
      expect(typesVersions['*']['*'].map((path) => `./${path.replace('*', subpath.slice(2))}`)).toEqual([
        declared,
      ]);
  });

  it('is one copy to import and require', () => {
    const differing = told(`
      for (const subpath of subpaths) {
        const imported = await import(name + subpath.slice(1));
        const required = require(name + subpath.slice(1));
        for (const key of Object.keys(imported)) if (imported[key] !== required[key]) tell(subpath + ' ' + key);
      }
    `);
    expect(differing).toEqual([]);
  });

  it('exports the same from both forms', () => {
    const differing = told(`
      for (const subpath of subpaths) {
        const { import: module, default: commonJs } = exports[subpath];
        const imported = Object.keys(await import(pathToFileURL(module)));
        const required = Object.keys(require(commonJs)).filter((key) => key !== '__esModule');
        if (imported.length === 0 || imported.sort().join() !== required.sort().join()) tell(subpath);
      }
    `);
    expect(differing).toEqual([]);
  });

  it('loads nothing of processors before there are some', () => {
    const loaded = told(`
      for (const subpath of ['.', './processors']) require(exports[subpath].default);
      const loaded = Object.keys(require.cache);
      for (const path of loaded) if (path.includes('node_modules/piscina')) tell(path);
    `);
    expect(loaded).toEqual([]);
    const byMain = told(`
      require(exports['.'].default);
      for (const path of Object.keys(require.cache)) if (['/cjs/threads/', '/cjs/processors/', 'node_modules/piscina'].some((part) => path.includes(part))) tell(path);
    `);
    expect(byMain).toEqual([]);
  });

  it("loads nothing of PostgreSQL's where it is not asked for", () => {
    const loaded = told(`
      for (const subpath of ['.', './pool', './cache', './testing']) require(exports[subpath].default);
      for (const path of Object.keys(require.cache)) if (['/cjs/pg/', 'node_modules/pg/'].some((part) => path.includes(part))) tell(path);
    `);
    expect(loaded).toEqual([]);
  });

  it('has a program that can be started, and knows its version', () => {
    const { bin, version } = readPackage(LIBRARY);
    expect(Object.keys(bin)).toEqual(['nestjs-resources']);
    const path = bin['nestjs-resources'];
    expect(files).toContain(path);
    expect(readFileSync(join(LIBRARY, path), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    if (process.platform !== 'win32') expect((modes.get(path) ?? 0) & 0o111).toBe(0o111);
    const { stdout } = spawnSync(process.execPath, [join(LIBRARY, path), '--version'], { encoding: 'utf8' });
    expect(stdout).toBe(`${version}\n`);
  });

  it.each(['import', 'default'])('offers an admin socket from the form for %s', (form) => {
    const opened = told(`
      const { mkdtempSync, readdirSync, rmSync } = await import('node:fs');
      const { NestFactory } = await import('@nestjs/core');
      const { ResourcesModule } = ${form === 'import' ? 'await import' : 'require'}(
        ${form === 'import' ? 'pathToFileURL' : ''}(exports['.'][${JSON.stringify(form)}]),
      );
      const folder = mkdtempSync(${JSON.stringify(join(tmpdir(), 'form-'))});
      const options = { admin: { socket: folder + '/admin' }, logging: false };
      const app = await NestFactory.createApplicationContext(
        { module: class App {}, imports: [ResourcesModule.forRoot(options)] },
        { logger: false },
      );
      tell(readdirSync(folder + '/admin').join() === process.pid + '.sock');
      await app.close();
      tell(readdirSync(folder + '/admin').length);
      rmSync(folder, { recursive: true });
    `);
    expect(opened).toEqual([true, 0]);
  });

  it('runs processors from either form, beside each other', () => {
    const results = told(`
      const { writeFileSync, mkdtempSync, rmSync } = await import('node:fs');
      const folder = mkdtempSync(${JSON.stringify(join(tmpdir(), 'form-'))});
      const file = folder + '/doubling.worker.mjs';
      writeFileSync(file, 'export const double = (number) => 2 * number;');
      const ends = [];
      for (const form of ['import', 'default']) {
        const load = (subpath) => form === 'import' ? import(pathToFileURL(exports[subpath].import)) : require(exports[subpath].default);
        const { ResourceCoordinator } = await load('.');
        const { defineProcessor } = await load('./processors');
        const coordinator = new ResourceCoordinator({ resources: { doubling: defineProcessor({ file }) } });
        tell(await coordinator.process('doubling', 'double', 21));
        ends.push(() => coordinator.cleanup({ deadline: 0 }));
      }
      for (const end of ends) await end();
      rmSync(folder, { recursive: true });
    `);
    expect(results).toEqual([42, 42]);
  });

  it('has types without what is internal', () => {
    const types = files.filter((path) => path.endsWith('.d.ts'));
    expect(types).not.toEqual([]);
    expect(types.filter((path) => readFileSync(join(LIBRARY, path), 'utf8').includes('@internal'))).toEqual(
      [],
    );
  });

  it('has nothing but code, types and documents', () => {
    const others = files.filter((path) => !/^(dist\/.+\.(c?js|d\.c?ts)|docs\/.+\.md)$/.test(path));
    expect(others.toSorted()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'bin/nestjs-resources.js',
      'dist/cjs/package.json',
      'package.json',
    ]);
    expect(files.filter((path) => /\.(spec|fixture)\./.test(path))).toEqual([]);
  });
});

describe('the workspace', () => {
  const lock = JSON.parse(readFileSync(join(PROJECT, 'package-lock.json'), 'utf8')) as Lock;

  it('asks for the same Node as the library', () => {
    expect(readPackage(PROJECT).engines).toEqual(readPackage(LIBRARY).engines);
  });

  it('has a lock file that names no registry', () => {
    expect(Object.values(lock.packages).filter(({ resolved }) => resolved?.includes('://'))).toEqual([]);
  });

  // npm ci refuses a lock file that was written on one platform and lacks the packages of the others.
  it('has a lock file for every platform', () => {
    const wanted = Object.values(lock.packages).flatMap(({ optionalDependencies = {} }) =>
      Object.keys(optionalDependencies),
    );
    const locked = Object.keys(lock.packages).map((path) => path.split('node_modules/').at(-1));
    expect(locked).toEqual(expect.arrayContaining(wanted));
  });
});
