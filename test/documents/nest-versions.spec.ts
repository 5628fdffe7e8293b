import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { MarkdownDocument, PROJECT } from './document.fixture.js';
import { differences } from '../library/nests/difference.js';
import { VARIANTS } from '../library/generated/variants.js';
import { FEATURES, fileOf, SHORT_FORM } from '../library/nests/features.js';
import { NESTS, NESTS_WITH_ALL_FEATURES } from '../library/nests/versions.js';

const read = (path: string): string => readFileSync(join(PROJECT, path), 'utf8');
const document = new MarkdownDocument('docs/contributing/nest-versions.md');
const majors = [...new Set(NESTS.map((version) => version.split('.', 1)[0] ?? ''))];

describe('the versions of Nest that are tried', () => {
  it('are those that the document promises', () => {
    const promised = document.tableUnder('Promised').map((row) => [row['Nest'], row['tried with']]);
    const tried = NESTS.map((version) => [
      version,
      NESTS_WITH_ALL_FEATURES.includes(version) ? 'short form and all features' : 'short form',
    ]);
    expect(promised).toEqual(tried);
  });

  it('are of the majors that the package accepts, from the oldest on', () => {
    const range = majors.map((major) => `^${major}.0.0`).join(' || ');
    const { peerDependencies } = JSON.parse(read('libs/resources/package.json')) as {
      peerDependencies: Record<string, string>;
    };
    expect(peerDependencies).toMatchObject({ '@nestjs/common': range, '@nestjs/core': range });
    expect(read('docs/contributing/nest-versions.md')).toContain(`Nest \`${range}\``);
    expect(NESTS[0]).toBe('11.0.0');
  });

  it('are as new as the one that the project has', () => {
    const { version } = JSON.parse(read('node_modules/@nestjs/core/package.json')) as { version: string };
    expect(NESTS.at(-1)).toBe(version);
  });

  it('have consumers of each major in the continuous integration', () => {
    expect(read('.ci/run')).toContain(`readonly NESTS=(${majors.join(' ')})`);
  });

  it('are tried with all features where they are oldest, newest and in between', () => {
    expect(NESTS_WITH_ALL_FEATURES).toHaveLength(3);
    expect(NESTS_WITH_ALL_FEATURES.at(0)).toBe(NESTS[0]);
    expect(NESTS_WITH_ALL_FEATURES.at(-1)).toBe(NESTS.at(-1));
    expect([...NESTS]).toEqual(expect.arrayContaining([...NESTS_WITH_ALL_FEATURES]));
  });
});

describe('the generated applications that are tried', () => {
  it('are those of the document', () => {
    const formats = { cjs: 'CommonJS', esm: 'ES modules' };
    const described = document.tableUnder('Generated applications');
    expect(described.map((row) => [row['variant'], row['Nest'], row['format']])).toEqual(
      VARIANTS.map(({ name, nest, format }) => [name, `${nest}`, formats[format]]),
    );
    const unchanged = described.filter((row) => row['differs from what is generated'] === 'in nothing');
    expect(unchanged.map((row) => row['variant'])).toEqual(
      VARIANTS.filter(({ changes = [] }) => changes.length === 0).map(({ name }) => name),
    );
  });

  it('are tried with each Nest in the continuous integration', () => {
    const [, names = ''] = /try:nest .*--variants (\S+)/.exec(read('.ci/run')) ?? [];
    const tried = VARIANTS.filter(({ name }) => names.split(',').includes(name));
    expect([...new Set(tried.map(({ nest }) => `${nest}`))]).toEqual(majors);
  });
});

describe('the features that are tried', () => {
  const described = (heading: string): (string | undefined)[] =>
    document.tableUnder(heading).map((row) => row['feature']);

  it('are those of the document', () => {
    expect(described('Short form')).toEqual([...SHORT_FORM]);
    expect(described('Features')).toEqual([...FEATURES]);
  });

  it('have a file each', () => {
    const files = readdirSync(join(PROJECT, 'test/library/nests/features'), {
      recursive: true,
      encoding: 'utf8',
    })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => `features/${path.replaceAll('\\', '/').replace(/\.ts$/, '')}`);
    expect(files.toSorted()).toEqual([...SHORT_FORM, ...FEATURES].map(fileOf).toSorted());
  });
});

describe('a difference', () => {
  it('is named by its place, with the value without and with the module', () => {
    const without = { status: 200, headers: ['a: 1', 'b: 2'], body: undefined };
    const withModule = { status: 200, headers: ['a: 1'], body: null };
    expect(differences(without, withModule)).toEqual([
      '/headers/1: "b: 2" -> nothing',
      '/body: nothing -> null',
    ]);
  });

  it('is not found between equal values', () => {
    expect(differences({ a: [1, { b: null }] }, { a: [1, { b: null }] })).toEqual([]);
  });

  it('is not hidden by what every object inherits', () => {
    expect(differences({ constructor: 1 }, {})).toEqual(['/constructor: 1 -> nothing']);
  });

  it('is one between a list and an object of the same keys', () => {
    expect(differences([1], { 0: 1 })).toEqual([': [1] -> {"0":1}']);
  });
});
