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
  exports: Record<string, string | Record<string, string>>;
  engines: Record<string, string>;
}

interface Lock {
  packages: Record<string, { resolved?: string; optionalDependencies?: Record<string, string> }>;
}

const readPackage = (folder: string): PackageJson =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageJson;

describe('the packed library', () => {
  const folder = mkdtempSync(join(tmpdir(), 'packed-'));
  let files: string[];

  beforeAll(() => {
    const { status, stdout, stderr } = spawnSync('npm', ['pack', '--json', '--pack-destination', folder], {
      cwd: LIBRARY,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    });
    if (status !== 0) throw new Error(stderr);
    const [packed] = JSON.parse(stdout) as { files: { path: string }[] }[];
    files = packed.files.map(({ path }) => path);
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
    const targets = Object.values(readPackage(LIBRARY).exports).flatMap((target) =>
      typeof target === 'string' ? [target] : Object.values(target),
    );
    expect(files).toEqual(expect.arrayContaining(targets.map((target) => target.replace('./', ''))));
  });

  it('has types without what is internal', () => {
    const types = files.filter((path) => path.endsWith('.d.ts'));
    expect(types).not.toEqual([]);
    expect(types.filter((path) => readFileSync(join(LIBRARY, path), 'utf8').includes('@internal'))).toEqual(
      [],
    );
  });

  it('has nothing but code, types and documents', () => {
    const others = files.filter((path) => !/^(dist\/.+\.(js|d\.ts)|docs\/.+\.md)$/.test(path));
    expect(others.toSorted()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
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
