import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

const PROJECT = join(import.meta.dirname, '../../..');

/** As who has installed the package compiles: against its published types, which are checked, too. */
function compile(file: string): string[] {
  const { config } = ts.readConfigFile(join(PROJECT, 'tsconfig.json'), ts.sys.readFile) as { config: object };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, PROJECT);
  const program = ts.createProgram([join(import.meta.dirname, file)], {
    ...options,
    paths: {},
    skipLibCheck: false,
    noEmit: true,
  });
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const at = file && `${file.fileName}:${file.getLineAndCharacterOfPosition(start).line + 1}`;
    return `${at}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
}

// What is refused stands behind a `@ts-expect-error`, which is itself an error where nothing is refused.
describe.each([
  ['declares no resource types', 'undeclared.ts'],
  ['declares its resource types', 'declared.ts'],
  ['declares processors by their workers', 'processors.ts'],
])('an application that %s', (_, file) => {
  it('has its definitions inferred, its names checked, and nothing else refused', () => {
    expect(compile(file)).toEqual([]);
  });
});
