import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { differences } from './difference.js';
import { ADAPTERS, FEATURES, SHORT_FORM } from './features.js';
import { NestFolder, PROJECT } from './nest-folder.js';
import { packLibrary } from './pack-library.js';
import { NESTS, NESTS_WITH_ALL_FEATURES } from './versions.js';

// `npm run try:nests`: does an application stay what it is when the module is in its root? On each version of Nest, each
// feature runs with the module and without it; what comes out must be the same.
const { values } = parseArgs({
  options: {
    versions: { type: 'string' },
    features: { type: 'boolean', default: false },
    only: { type: 'string' },
    report: { type: 'string' },
    bare: { type: 'boolean', default: false },
    folder: { type: 'string' },
  },
});

/** What is tried on a version. With `--features`, named versions get all of them, and otherwise the three do. */
function featuresOf(version: string): string[] {
  if (values.only !== undefined) return values.only.split(',');
  const all = values.features && (values.versions !== undefined || NESTS_WITH_ALL_FEATURES.includes(version));
  return all ? [...SHORT_FORM, ...FEATURES] : [...SHORT_FORM];
}

const versions = values.versions?.split(',') ?? [...NESTS];
const features = [...new Set(versions.flatMap(featuresOf))];
/** Named, it stays, and the next run needs to install nothing but the library. */
const work = values.folder === undefined ? mkdtempSync(join(tmpdir(), 'nests-')) : resolve(values.folder);
mkdirSync(work, { recursive: true });
/** By version and feature: what differs, or failed. No entry, no difference. */
const problems = new Map<string, string[]>();
let passed = 0;
let failed = 0;

function note(version: string, feature: string, adapter: string, lines: readonly string[]): void {
  if (lines.length === 0) {
    passed++;
    return;
  }
  failed++;
  const key = `${version} ${feature}`;
  problems.set(key, [...(problems.get(key) ?? []), ...lines.map((line) => `${adapter} ${line}`)]);
}

async function tryVersion(version: string, library: string): Promise<void> {
  const names = featuresOf(version);
  const everything = names.some((name) => !(SHORT_FORM as readonly string[]).includes(name));
  const nest = new NestFolder(join(work, version), version, everything);
  try {
    await nest.install(library);
  } catch (error) {
    problems.set(`${version} installation`, [String(error)]);
    for (const name of names)
      for (const adapter of ADAPTERS) note(version, name, adapter, ['is not installed']);
    return;
  }
  for (const adapter of ADAPTERS) {
    const without = await nest.run(adapter, 'without', names);
    // Nest compared with itself shows what differs by chance.
    const withModule = await nest.run(adapter, values.bare ? 'without' : 'with', names);
    for (const name of names) {
      const bare = without.get(name) ?? {};
      const ours = withModule.get(name) ?? {};
      const failures = [bare.failure && `without: ${bare.failure}`, ours.failure && `with: ${ours.failure}`];
      const failure = failures.filter((line) => line !== undefined && line !== '') as string[];
      note(version, name, adapter, failure.length > 0 ? failure : differences(bare.result, ours.result));
    }
  }
}

function report(): void {
  const cell = (version: string, feature: string): string => {
    if (!featuresOf(version).includes(feature)) return '';
    return problems.has(`${version} ${feature}`) ? 'DIFFERS' : 'same';
  };
  const rows = [['feature', ...versions]];
  for (const feature of features) rows.push([feature, ...versions.map((version) => cell(version, feature))]);
  const width = Math.max(...features.map((name) => name.length));
  for (const [name = '', ...cells] of rows) {
    process.stdout.write(
      `${[name.padEnd(width), ...cells.map((text) => text.padEnd(7))].join('  ').trimEnd()}\n`,
    );
  }
  for (const [key, lines] of problems) {
    process.stdout.write(`\n${key}\n`);
    for (const line of lines.slice(0, 12)) process.stdout.write(`  ${line}\n`);
    if (lines.length > 12) process.stdout.write(`  and ${lines.length - 12} more\n`);
  }
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  if (values.report === undefined) return;
  writeFileSync(values.report, JSON.stringify({ numPassedTests: passed, numFailedTests: failed }));
}

try {
  const library = await packLibrary(PROJECT, work);
  const queue = [...versions];
  const worker = async (): Promise<void> => {
    for (let version = queue.shift(); version !== undefined; version = queue.shift()) {
      await tryVersion(version, library);
      process.stderr.write(`Nest ${version} was tried after ${Math.round(performance.now() / 1_000)} s\n`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
  report();
} finally {
  if (values.folder === undefined) rmSync(work, { recursive: true, force: true });
}
process.exitCode = failed > 0 ? 1 : 0;
