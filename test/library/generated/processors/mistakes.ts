import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Builder } from './applications.js';
import type { ProcessorApplication } from './processor-application.js';

/** A program that should have ended by itself has this many milliseconds. */
const TO_FAIL = 60_000;

interface Mistake {
  readonly file: string;
  /** Makes it. */
  readonly make: (code: string) => string;
  /** Default: the quickest. */
  readonly builder?: Builder;
  /** What the start must say, with `DIST` and `SOURCES` for the two folders. */
  readonly says: readonly string[];
}

const PROCESSOR = 'src/report.processor.ts';
const CONFIG = 'rspack.config.js';
const bare = (code: string): string => code.replace(/\(\{[^]*\}\)/, '({ ...nest })');
const withoutEntry = (code: string): string =>
  code.replace(/^ +entry: .*\n/m, '').replace("'[name].js'", "'main.js'");

/** In either format, whoever builds it. */
const ANYWHERE: readonly Mistake[] = [
  {
    file: PROCESSOR,
    make: (code) => code.replace(/report\.worker\.js'(, import\.meta\.url)?\)/, "report.worker.ts'$1)"),
    says: ['is not there: DIST/report.worker.ts. Beside it lie: ', ', report.worker.js, '],
  },
  {
    file: PROCESSOR,
    make: (code) => code.replace(/file: .+? \}/, 'file: `${process.cwd()}/src/report.worker.js` }'),
    says: [
      'is not there: SOURCES/report.worker.js. Beside it lie: ',
      ', report.worker.ts, ',
      'DIST/main.js is compiled',
    ],
  },
];

const AS_MODULE: readonly Mistake[] = [
  {
    file: PROCESSOR,
    make: (code) => code.replace(/new URL\([^)]*\)/, "__dirname + '/report.worker.js'"),
    says: ['__dirname is not defined in ES module scope', 'DIST/report.processor.js'],
  },
];

const BUNDLED_AS_MODULE: readonly Mistake[] = [
  {
    file: CONFIG,
    make: bare,
    builder: 'rspack',
    says: [
      "is no file in DIST: a bundler has put something of its own in the worker's place. Beside it lie: main.js",
    ],
  },
  {
    file: CONFIG,
    make: (code) => code.replace(/^ +module: .*\n/m, ''),
    builder: 'rspack',
    says: ['is no file in DIST: a bundler has put', 'Beside it lie: main.js, ', ', report.worker.js, '],
  },
  {
    file: CONFIG,
    make: (code) => code.replace('url: false, ', ''),
    builder: 'rspack',
    says: ['is no file in ', ': a bundler has put'],
  },
  {
    file: CONFIG,
    make: (code) => code.replace(', importMeta: false', ''),
    builder: 'rspack',
    says: ['is not there: SOURCES/report.worker.js. Beside it lie: ', 'DIST/main.js is compiled'],
  },
];

const BUNDLED: readonly Mistake[] = [
  {
    file: CONFIG,
    make: withoutEntry,
    builder: 'rspack',
    says: ['is not there: DIST/report.worker.js. Beside it lie: main.js'],
  },
];

/** Makes each mistake that a user may make: the start must fail, and say what is wrong. */
export async function tryMistakes(app: ProcessorApplication, env: NodeJS.ProcessEnv): Promise<void> {
  const isModule = app.format === 'esm';
  const { builders } = app.application;
  const bundled = builders.includes('rspack');
  const mistakes = [
    ...ANYWHERE,
    ...(isModule ? AS_MODULE : []),
    ...(bundled ? BUNDLED : []),
    ...(bundled && isModule ? BUNDLED_AS_MODULE : []),
  ];
  const quickest = builders.includes('swc') ? 'swc' : 'tsc';
  for (const { file, make, builder = quickest, says } of mistakes)
    await app.with(file, make, async () => {
      await app.build(builder);
      await failsAtStart(app, env, says);
    });
  await app.build(quickest);
  await withoutPiscina(app, env);
}

async function withoutPiscina(app: ProcessorApplication, env: NodeJS.ProcessEnv): Promise<void> {
  const piscina = join(app.folder, 'node_modules/piscina');
  renameSync(piscina, `${piscina}-gone`);
  try {
    await failsAtStart(app, env, ['npm install piscina@5']);
  } finally {
    renameSync(`${piscina}-gone`, piscina);
  }
}

async function failsAtStart(
  { folder }: ProcessorApplication,
  env: NodeJS.ProcessEnv,
  says: readonly string[],
): Promise<void> {
  const main = join(folder, 'dist/main.js');
  const running = promisify(execFile)(process.execPath, [main], {
    cwd: folder,
    env: { ...env, PORT: '0' },
    timeout: TO_FAIL,
  });
  const said = await running.then(
    () => 'nothing, and ended well',
    ({ code, stderr }: { code: number | null; stderr: string }) =>
      code === null ? 'nothing, and went on' : stderr,
  );
  for (const words of says) {
    const wanted = words.replace('DIST', join(folder, 'dist')).replace('SOURCES', join(folder, 'src'));
    assert.ok(said.includes(wanted), `The start should have said "${wanted}", and said:\n${said}`);
  }
  assert.ok(!said.includes('[object Module]'), said);
}
