import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import vm from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { OptionReader } from '../options/option-reader.js';
import { HOSTILE_VALUES } from '../words/hostile-values.fixture.js';
import { findWorkerFile, type WorkerFile } from './worker-file.js';

const folder = mkdtempSync(join(tmpdir(), 'workers-'));
const at = (name: string): string => join(folder, name);
const find = (given: unknown): WorkerFile => findWorkerFile(new OptionReader('processors.pdf', 'pdf'), given);
const findAs = (program: string | undefined, given = at('source.worker.js')): WorkerFile =>
  findWorkerFile(new OptionReader('processors.pdf', 'pdf'), given, program ?? '');
const refusal = (given: unknown): InvalidOptionsError => {
  try {
    find(given);
  } catch (error) {
    if (error instanceof InvalidOptionsError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};

beforeAll(() => {
  for (const name of ['pdf.worker.js', 'source.worker.ts', 'common.cts']) writeFileSync(at(name), '');
  mkdirSync(at('folder.js'));
  mkdirSync(at('empty'));
  mkdirSync(at('built'));
  writeFileSync(at('built/index.js'), '');
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('a worker file', () => {
  it.each([
    ['a URL', () => pathToFileURL(at('pdf.worker.js'))],
    ['a URL as text', () => pathToFileURL(at('pdf.worker.js')).href],
    ['an absolute path', () => at('pdf.worker.js')],
    [
      'a URL of another realm',
      () => vm.runInNewContext('({ href })', { href: pathToFileURL(at('pdf.worker.js')).href }) as unknown,
    ],
  ])('is found by %s', (_, given) => {
    expect(find(given())).toEqual({
      url: pathToFileURL(at('pdf.worker.js')).href,
      name: 'pdf.worker.js',
      typescript: false,
    });
  });

  it('that is not there is the TypeScript beside it', () => {
    expect(find(at('source.worker.js'))).toMatchObject({ name: 'source.worker.ts', typescript: true });
    expect(find(at('common.cjs'))).toMatchObject({ name: 'common.cts', typescript: true });
  });

  it.each(['main.ts', 'node_modules/jest/bin/jest.js', 'main', 'gone.js', undefined])(
    'is taken as TypeScript where the program is %s',
    (program) => {
      expect(findAs(program && at(program)).typescript).toBe(true);
    },
  );

  it.each(['pdf.worker.js', 'pdf.worker', 'built'])(
    'is not taken as TypeScript where the program was compiled, %s',
    (program) => {
      expect(() => findAs(at(program))).toThrow(
        `is not there: ${at('source.worker.js')}. Beside it lie: built, common.cts, empty, folder.js, pdf.worker.js, source.worker.ts. ` +
          `The source is there, but ${at(program)} is compiled`,
      );
      expect(findAs(at(program), at('source.worker.ts')).typescript).toBe(true);
    },
  );

  it('may be TypeScript itself', () => {
    expect(find(at('source.worker.ts'))).toMatchObject({ name: 'source.worker.ts', typescript: true });
  });

  it('that is nowhere is refused with its path, and what lies beside it', () => {
    const { message, option } = refusal(pathToFileURL(at('pfd.worker.js')));
    expect(option).toBe('processors.pdf.file');
    expect(message).toContain(at('pfd.worker.js'));
    expect(message).toContain(
      'Beside it lie: built, common.cts, empty, folder.js, pdf.worker.js, source.worker.ts.',
    );
  });

  it('in a folder that is empty, or not there, is refused as such', () => {
    expect(refusal(at('empty/pdf.worker.js')).message).toContain('Its folder is empty.');
    expect(refusal(at('nowhere/pdf.worker.js')).message).toContain(
      `There is no folder ${at('nowhere')} either.`,
    );
  });

  it('is no folder', () => {
    expect(refusal(at('folder.js')).message).toContain('is not there');
  });

  it('that a bundler has put something else for is refused with what to do', () => {
    for (const given of [new URL('./[object Module]', pathToFileURL(at('main.js'))), at('[object Module]')]) {
      const { message } = refusal(given);
      expect(message).toContain(`no file in ${folder}: a bundler`);
      expect(message).toContain('Beside it lie: built, common.cts');
      expect(message).toContain('an entry of its own');
      expect(message).not.toContain('[object');
    }
  });

  it.each([
    './pdf.worker.js',
    'pdf.worker.js',
    'https://example.com/pdf.worker.js',
    '',
    'data:text/javascript,1',
  ])('that is %j is refused: it says nothing, or not where', (given) => {
    expect(refusal(given).message).toContain("such as new URL('./pdf.worker.js', import.meta.url)");
  });

  it.each([
    undefined,
    null,
    7,
    {},
    { href: 7 },
    () => 'pdf.worker.js',
    ...Object.values(HOSTILE_VALUES).map((make) => make()),
  ])('that is no file at all is refused: %#', (given) => {
    expect(refusal(given).option).toBe('processors.pdf.file');
  });

  it('with a hostile name forges no line', () => {
    expect(refusal(at('a\nERROR forged')).message).not.toContain('\n');
  });
});
