import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FLOORS, FROM_OUTSIDE } from '../libs/resources/floors.js';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const SOURCE = 'libs/resources/src';
const ROOMS = FLOORS.flat();
const [[GROUND]] = FLOORS;
/** One kind of work. */
const CONTEXT = 'nest/contexts/http';
const floorOf = (room: string): number => FLOORS.findIndex((floor) => floor.includes(room));

/** Something to import from outside, for each row of `FROM_OUTSIDE`. */
const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  rxjs: ['rxjs', 'rxjs/operators'],
  NestJS: ['@nestjs/common', '@nestjs/core/router'],
  piscina: ['piscina'],
  'a driver of PostgreSQL': ['pg', 'pg-cursor'],
  'a transport of Node': ['node:http', 'net', 'node:tls'],
};

const WAYS = {
  import: (source: string) => `import * as taken from '${source}';\n\nexport { taken };\n`,
  'import type': (source: string) => `import type { Taken } from '${source}';\n\nexport type Also = Taken;\n`,
  'import()': (source: string) => `export const take = () => import('${source}');\n`,
  export: (source: string) => `export * from '${source}';\n`,
} as const;
type Way = keyof typeof WAYS;

interface Violation {
  from: string;
  rule: { name: string };
}

interface Report {
  summary: {
    violations: Violation[];
    error: number;
    ruleSetUsed: { forbidden: { name: string; comment: string }[] };
  };
}

/** One file of a circle. */
interface Link {
  /** Below the source, without its ending. */
  file: string;
  /** How it takes from the next. */
  way: Way;
}

function pathOf(file: string): string {
  return `${SOURCE}/${file}.ts`;
}

/** Files laid out as the project's are, to be linted by its rules. */
class LintedTree {
  private readonly root = mkdtempSync(join(tmpdir(), 'house-'));
  private readonly reasons = new Map<string, string[]>();
  private files = 0;
  errors = 0;

  constructor() {
    for (const room of [...ROOMS, CONTEXT])
      this.write(`${SOURCE}/${room}/there.ts`, 'export interface Taken {}\n');
  }

  /** @returns the new file's path */
  add(folder: string, source: string, way: Way = 'import', suffix = '.ts'): string {
    const path = `${folder}/case-${++this.files}${suffix}`;
    this.write(path, WAYS[way](source));
    return path;
  }

  /** Files of which each takes from the next, and the last from the first. */
  addCircle(links: readonly Link[]): void {
    for (const [index, { file, way }] of links.entries()) {
      const next = links[(index + 1) % links.length];
      const source = posix.relative(posix.dirname(file), next.file);
      this.write(pathOf(file), WAYS[way](source.startsWith('.') ? `${source}.js` : `./${source}.js`));
    }
  }

  lint(): void {
    const depcruise = join(PROJECT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const config = join(PROJECT, '.dependency-cruiser.mjs');
    const options = ['--config', config, '--output-type', 'json', SOURCE, 'src'];
    const { status, stdout, stderr } = spawnSync(process.execPath, [depcruise, ...options], {
      cwd: this.root,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    if (stderr !== '') throw new Error(stderr);
    const { summary } = JSON.parse(stdout) as Report;
    this.errors = status === 0 ? summary.error : NaN; // by this output type, the exit code says nothing
    const reasons = new Map(summary.ruleSetUsed.forbidden.map(({ name, comment }) => [name, comment]));
    for (const { from, rule } of summary.violations)
      this.reasons.set(from, [...this.reasonsAt(from), reasons.get(rule.name) ?? rule.name]);
  }

  reasonsAt(path: string): string[] {
    return this.reasons.get(path) ?? [];
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }

  private write(path: string, code: string): void {
    mkdirSync(join(this.root, dirname(path)), { recursive: true });
    writeFileSync(join(this.root, path), code);
  }
}

interface Case {
  room: string;
  source: string;
  way: Way;
  /** Expected in the reason; `undefined` where it is allowed. */
  reason: RegExp | undefined;
}

const amongRooms: Case[] = ROOMS.flatMap((room) =>
  ROOMS.filter((other) => other !== room).map((other) => {
    const reason = new RegExp(`^${room}/ imports only rooms below it`);
    const source = `../${other}/there.js`;
    return { room, source, way: 'import', reason: floorOf(other) < floorOf(room) ? undefined : reason };
  }),
);

const fromOutside: Case[] = FROM_OUTSIDE.flatMap(({ name, lowest }) =>
  ROOMS.flatMap((room) =>
    (EXAMPLES[name] ?? []).map((source): Case => {
      const below = room === GROUND ? 'it decides, and imports nothing' : `^${name} comes in at ${lowest}/`;
      const reason = floorOf(room) < floorOf(lowest) ? new RegExp(below) : undefined;
      return { room, source, way: 'import', reason };
    }),
  ),
);

const byOtherWays: Case[] = (['import type', 'import()', 'export'] as const).flatMap((way) => [
  { room: 'pool', source: '../coordinator/there.js', way, reason: /only rooms below it/ },
  { room: 'cache', source: '../pool/there.js', way, reason: /only rooms below it/ },
  { room: 'scopes', source: 'rxjs', way, reason: /^rxjs comes in at/ },
  { room: 'errors', source: '@nestjs/common', way, reason: /^NestJS comes in at/ },
  { room: 'nest', source: 'nestjs-resources', way, reason: /not the package/ },
]);

const others: Case[] = [
  ...['node:util', 'keyv'].map((source) => ({
    room: GROUND,
    source,
    way: 'import' as const,
    reason: /^policies\//,
  })),
  ...ROOMS.filter((room) => room !== GROUND).map((room) => ({
    room,
    source: 'nestjs-resources/pool',
    way: 'import' as const,
    reason: /not the package/,
  })),
  ...['policies/queue', CONTEXT].map((room) => ({
    room,
    source: `${room
      .split('/')
      .map(() => '..')
      .join('/')}/terminus/there.js`,
    way: 'import' as const,
    reason: /only rooms below it/,
  })),
  {
    room: 'nest/caching',
    source: '../contexts/http/there.js',
    way: 'import',
    reason: /^Only nest\/contexts\/ knows/,
  },
  {
    room: 'terminus',
    source: '../nest/contexts/http/there.js',
    way: 'import type',
    reason: /^Only nest\/contexts\/ knows/,
  },
  { room: 'nest/contexts', source: './http/there.js', way: 'import', reason: undefined },
  { room: 'attic', source: '../time/there.js', way: 'import', reason: /not in the list/ },
  { room: 'cache', source: 'keyv', way: 'import', reason: undefined },
  { room: 'time', source: 'node:async_hooks', way: 'import', reason: undefined },
];

interface Circle {
  name: string;
  links: readonly Link[];
  /** Expected in the reason; `undefined` where it is allowed. */
  reason: RegExp | undefined;
}

const NEED_EACH_OTHER = /^Files that need each other are one/;
const TYPE_BACK = /^A file takes an interface of its own/;

const circles: Circle[] = [
  {
    name: 'of values',
    links: [
      { file: 'pool/hen', way: 'import' },
      { file: 'pool/egg', way: 'import' },
    ],
    reason: NEED_EACH_OTHER,
  },
  {
    name: 'of values, but for a type that points back',
    links: [
      { file: 'scopes/hen', way: 'import' },
      { file: 'scopes/egg', way: 'import type' },
    ],
    reason: TYPE_BACK,
  },
  {
    name: 'of types, through a third',
    links: [
      { file: 'cache/hen', way: 'import type' },
      { file: 'cache/egg', way: 'import type' },
      { file: 'cache/nest', way: 'import type' },
    ],
    reason: TYPE_BACK,
  },
  {
    name: 'of types, in what is one thing in two files',
    links: [
      { file: 'policies/eviction/node-list', way: 'import' },
      { file: 'policies/eviction/eviction-node', way: 'import type' },
    ],
    reason: undefined,
  },
  {
    name: 'of values, in what is one thing in two files',
    links: [
      { file: 'pool/leases/lease', way: 'import' },
      { file: 'pool/slots/slot', way: 'import' },
    ],
    reason: NEED_EACH_OTHER,
  },
  {
    name: 'of types, of what is one thing in several files and one more',
    links: [
      { file: 'cache/live/live-resource', way: 'import type' },
      { file: 'cache/live/held', way: 'import type' },
      { file: 'cache/live/one-more', way: 'import type' },
    ],
    reason: TYPE_BACK,
  },
];

describe('a file of the house', () => {
  const tree = new LintedTree();
  const cases = [...amongRooms, ...fromOutside, ...byOtherWays, ...others].map((one) => {
    return { ...one, path: tree.add(`${SOURCE}/${one.room}`, one.source, one.way) };
  });
  const beside = ['.spec.ts', '.fixture.ts'].map((suffix) => ({
    suffix,
    path: tree.add(`${SOURCE}/pool`, '@nestjs/testing', 'import', suffix),
  }));
  const insides = ['../../libs/resources/src/pool/there.js', 'nestjs-resources/dist/pool/lease.js'].map(
    (source) => ({ source, path: tree.add('src/orders', source) }),
  );
  const entries = ['nestjs-resources', 'nestjs-resources/pool'].map((source) => ({
    source,
    path: tree.add('src/orders', source),
  }));
  for (const { links } of circles) tree.addCircle(links);

  beforeAll(() => tree.lint(), 120_000);

  afterAll(() => tree.remove());

  it('that breaks a rule fails the lint', () => {
    expect(tree.errors).toBeGreaterThanOrEqual(cases.filter(({ reason }) => reason !== undefined).length);
  });

  it.each(cases.filter(({ reason }) => reason !== undefined))(
    'in $room/ may not take from $source by $way, and hears why',
    ({ path, reason }) => {
      expect(tree.reasonsAt(path)).toContainEqual(expect.stringMatching(reason as RegExp));
    },
  );

  it.each(cases.filter(({ reason }) => reason === undefined))(
    'in $room/ may take from $source by $way',
    ({ path }) => {
      expect(tree.reasonsAt(path)).toEqual([]);
    },
  );

  it.each(circles.filter(({ reason }) => reason !== undefined))(
    'may not be in a circle $name, and one of them hears why',
    ({ links, reason }) => {
      const reasons = links.flatMap(({ file }) => tree.reasonsAt(pathOf(file)));
      expect(reasons).toContainEqual(expect.stringMatching(reason as RegExp));
    },
  );

  it.each(circles.filter(({ reason }) => reason === undefined))('may be in a circle $name', ({ links }) => {
    expect(links.flatMap(({ file }) => tree.reasonsAt(pathOf(file)))).toEqual([]);
  });

  it.each(beside)('with the name *$suffix may import what its test needs', ({ path }) => {
    expect(tree.reasonsAt(path)).toEqual([]);
  });

  it.each(insides)('in the application may not import $source', ({ path }) => {
    expect(tree.reasonsAt(path)).toContainEqual(expect.stringMatching('a user of the library'));
  });

  it.each(entries)('in the application may import $source', ({ path }) => {
    expect(tree.reasonsAt(path)).toEqual([]);
  });
});

describe('the list of floors', () => {
  it('has every room', () => {
    const folders = readdirSync(join(PROJECT, SOURCE), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    expect(ROOMS.toSorted()).toEqual(folders.toSorted());
  });

  it('has an example of everything from outside', () => {
    expect(Object.keys(EXAMPLES)).toEqual(FROM_OUTSIDE.map(({ name }) => name));
  });
});

describe.each([SOURCE, 'src', 'tools', 'test', 'bench/src'])('a reader of %s', (root) => {
  const files = readdirSync(join(PROJECT, root), { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts') && !/[.](spec|fixture)[.]ts$|(^|[/])dist[/]/.test(path));

  it('meets no file of more than 300 lines', () => {
    const long = files.filter((file) => {
      const lines = readFileSync(join(PROJECT, root, file), 'utf8').split('\n').length - 1;
      return lines > 300;
    });
    expect(long).toEqual([]);
  });

  it('meets no folder of more than 25 files', () => {
    const folders = new Map<string, number>();
    for (const folder of files.map((file) => posix.dirname(file)))
      folders.set(folder, (folders.get(folder) ?? 0) + 1);
    const full = [...folders].filter(([, count]) => count > 25).map(([folder]) => folder);
    expect(full).toEqual([]);
  });
});
