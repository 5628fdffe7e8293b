import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const CONFIG = '.oxlintrc.json';
const RULE = 'eslint(no-restricted-imports)';

const FRAMEWORK_FREE =
  'The engine is framework-free: only nest/ and terminus/ may import NestJS. Move the code up, or hand the value in.';
const NO_RXJS =
  'policies/, errors/, time/, pool/ and cache/ never import rxjs: report through a listener and let coordinator/ make it an Observable.';
const NO_TRANSPORT = "The engine knows no transport: only nest/ may import Node's http.";
const NOT_ITSELF = 'Inside the library, import the file itself, not the package.';
const GROUND =
  'policies/ is the ground floor: it decides and imports nothing. Take what it needs as an argument.';
const USER =
  "The application is a user of the library: import 'nestjs-resources' or one of its entry points.";
const below = (room: string): string =>
  `${room}/ may import only the rooms below it. Move the code down, or turn the dependency round.`;

/** What the rooms of the library must not import, and the reason that the lint gives. */
const REFUSED: [room: string, source: string, reason: string][] = [
  ...['../time/clock.js', '../errors/index.js', '@nestjs/common', 'rxjs', 'node:http', 'keyv'].map(
    (source): [string, string, string] => ['policies', source, GROUND],
  ),
  ['errors', '../time/clock.js', below('errors')],
  ['errors', '../pool/lease.js', below('errors')],
  ['time', '../pool/lease.js', below('time')],
  ['time', '../coordinator/index.js', below('time')],
  ['pool', '../cache/resource-cache.js', below('pool')],
  ['pool', '../coordinator/index.js', below('pool')],
  ['pool', '../nest/index.js', below('pool')],
  ['cache', '../pool/lease.js', below('cache')],
  ['cache', '../lifecycle/phase.js', below('cache')],
  ['lifecycle', '../coordinator/index.js', below('lifecycle')],
  ['coordinator', '../nest/index.js', below('coordinator')],
  ['coordinator', '../terminus/index.js', below('coordinator')],
  ['nest', '../terminus/index.js', below('nest')],
  ['nest/http', '../../terminus/index.js', below('nest')],
  ...['errors', 'time', 'pool', 'cache', 'lifecycle', 'coordinator'].flatMap(
    (room): [string, string, string][] => [
      [room, '@nestjs/common', FRAMEWORK_FREE],
      [room, '@nestjs/core/router', FRAMEWORK_FREE],
      [room, 'node:http', NO_TRANSPORT],
      [room, 'net', NO_TRANSPORT],
    ],
  ),
  ...['errors', 'time', 'pool', 'cache'].flatMap((room): [string, string, string][] => [
    [room, 'rxjs', NO_RXJS],
    [room, 'rxjs/operators', NO_RXJS],
  ]),
  ...['errors', 'time', 'pool', 'cache', 'lifecycle', 'coordinator', 'nest', 'terminus'].map(
    (room): [string, string, string] => [room, 'nestjs-resources/pool', NOT_ITSELF],
  ),
];

const ALLOWED: [room: string, source: string][] = [
  ['policies', './retire-reason.js'],
  ['errors', '../policies/pool-stats.js'],
  ['time', '../errors/index.js'],
  ['time', 'node:async_hooks'],
  ['pool', '../time/clock.js'],
  ['pool', '../policies/pool-stats.js'],
  ['cache', 'keyv'],
  ['cache', '../time/duration.js'],
  ['lifecycle', '../pool/resource-pool.js'],
  ['lifecycle', 'rxjs'],
  ['coordinator', '../lifecycle/phase.js'],
  ['coordinator', 'node:async_hooks'],
  ['nest', '@nestjs/common'],
  ['nest/http', '../../coordinator/index.js'],
  ['nest/http', 'node:http'],
  ['terminus', '../coordinator/index.js'],
  ['terminus', '@nestjs/terminus'],
];

/** The same for the reference application. */
const APPLICATION_REFUSED = [
  '../libs/resources/src/pool/index.js',
  'nestjs-resources/dist/pool/lease.js',
  'nestjs-resources/src/pool/lease.js',
];
const APPLICATION_ALLOWED = ['nestjs-resources', 'nestjs-resources/pool', 'nestjs-resources/terminus'];

interface Diagnostic {
  code: string;
  help: string;
  filename: string;
}

interface LintConfig {
  overrides: { files: string[]; rules: { 'no-restricted-imports'?: [string, { patterns: Pattern[] }] } }[];
}

interface Pattern {
  message: string;
}

/** A folder with the project's lint configuration, laid out as the project is. */
class LintedTree {
  private readonly root = mkdtempSync(join(tmpdir(), 'house-'));
  private readonly reasons = new Map<string, string[]>();
  private files = 0;

  constructor() {
    copyFileSync(join(PROJECT, CONFIG), join(this.root, CONFIG));
  }

  /** @returns the new file's path */
  add(folder: string, source: string, suffix = '.ts'): string {
    this.files += 1;
    const path = `${folder}/case-${this.files}${suffix}`;
    mkdirSync(join(this.root, dirname(path)), { recursive: true });
    writeFileSync(join(this.root, path), `import * as taken from '${source}';\n\nexport { taken };\n`);
    return path;
  }

  /** @returns the exit code */
  lint(): number | null {
    const programs = join(PROJECT, 'node_modules', '.bin');
    const { status, stdout } = spawnSync(join(programs, 'oxlint'), ['--format', 'json', '.'], {
      cwd: this.root,
      encoding: 'utf8',
      // oxlint looks for its type-aware half below the folder that it lints, or in the path.
      env: { ...process.env, PATH: `${programs}${delimiter}${process.env.PATH}` },
    });
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: Diagnostic[] };
    for (const { code, filename, help } of diagnostics) {
      if (code === RULE) this.reasons.set(filename, [...this.reasonsAt(filename), help]);
    }
    return status;
  }

  reasonsAt(path: string): string[] {
    return this.reasons.get(path) ?? [];
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }
}

const roomFolder = (room: string): string => `libs/resources/src/${room}`;

describe('a file of the house', () => {
  const tree = new LintedTree();
  const refused = REFUSED.map(([room, source, reason]) => {
    return { room, source, reason, path: tree.add(roomFolder(room), source) };
  });
  const allowed = ALLOWED.map(([room, source]) => ({
    room,
    source,
    path: tree.add(roomFolder(room), source),
  }));
  const beside = ['.spec.ts', '.fixture.ts'].map((suffix) => ({
    suffix,
    path: tree.add(roomFolder('pool'), '@nestjs/testing', suffix),
  }));
  const insides = APPLICATION_REFUSED.map((source) => ({ source, path: tree.add('src/orders', source) }));
  const entries = APPLICATION_ALLOWED.map((source) => ({ source, path: tree.add('src/orders', source) }));

  let status: number | null;

  beforeAll(() => {
    status = tree.lint();
  });

  afterAll(() => tree.remove());

  it('that breaks a rule fails the lint', () => {
    expect(status).toBe(1);
  });

  it.each(refused)('in $room/ may not import $source, and hears why', ({ path, reason }) => {
    expect(tree.reasonsAt(path)).toEqual([reason]);
  });

  it.each(allowed)('in $room/ may import $source', ({ path }) => {
    expect(tree.reasonsAt(path)).toEqual([]);
  });

  it.each(beside)('with the name *$suffix may import what its test needs', ({ path }) => {
    expect(tree.reasonsAt(path)).toEqual([]);
  });

  it.each(insides)('in the application may not import $source', ({ path }) => {
    expect(tree.reasonsAt(path)).toEqual([USER]);
  });

  it.each(entries)('in the application may import $source', ({ path }) => {
    expect(tree.reasonsAt(path)).toEqual([]);
  });
});

describe('the lint configuration', () => {
  const { overrides } = JSON.parse(readFileSync(join(PROJECT, CONFIG), 'utf8')) as LintConfig;

  it('has a rule for every room', () => {
    const rooms = readdirSync(join(PROJECT, 'libs/resources/src'), { withFileTypes: true });
    const ruled = overrides.flatMap(({ files, rules }) => ('no-restricted-imports' in rules ? files : []));
    expect(ruled).toEqual(
      expect.arrayContaining(
        rooms.filter((room) => room.isDirectory()).map(({ name }) => `${roomFolder(name)}/**/*.ts`),
      ),
    );
  });

  it('has no reason that is not proved above', () => {
    const configured = overrides.flatMap(({ files, rules }) => {
      const [, { patterns }] = rules['no-restricted-imports'] ?? ['off', { patterns: [] }];
      return patterns.map(({ message }) => `${files.join()}: ${message}`);
    });
    const proved = [
      ...REFUSED.map(([room, , reason]) => `${roomFolder(room.split('/')[0])}/**/*.ts: ${reason}`),
      `src/**/*.ts: ${USER}`,
    ];
    expect(new Set(configured)).toEqual(new Set(proved));
  });
});
