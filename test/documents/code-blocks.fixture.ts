import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import ts from 'typescript';
import { type Blocks, filesOf } from './block-files.fixture.js';
import { PROJECT } from './document.fixture.js';

/** What the test runner of a generated application, Jest or Vitest, declares for its specs. */
const RUNNER = ['describe', 'expect', 'it']
  .map((name) => `declare const ${name}: (typeof import('@jest/globals'))['${name}'];\n`)
  .join('');

/** The options under which the application is compiled, with the library's sources in the package's place. */
function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(PROJECT, 'tsconfig.json'), ts.sys.readFile) as { config: object };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, PROJECT);
  // A block is always a module, even one that imports nothing.
  return { ...options, noEmit: true, moduleDetection: ts.ModuleDetectionKind.Force };
}

/** What was read for one type check and serves the next: the packages and the library don't change meanwhile. */
const parsed = new Map<string, ts.SourceFile | undefined>();

/**
 * Type-checks all blocks of documents that belong together.
 *
 * @returns what the compiler finds, each with the document's line
 */
export function typeCheck(documents: readonly Blocks[]): string[] {
  const folder = join(PROJECT, '.blocks');
  const blocks = new Map([...filesOf(documents)].map(([name, block]) => [join(folder, name), block]));
  if (blocks.size === 0) return [];
  const options = compilerOptions();
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, directoryExists, getSourceFile } = host;
  host.getSourceFile = (path, ...asked) => {
    if (blocks.has(path)) return getSourceFile(path, ...asked);
    if (!parsed.has(path)) parsed.set(path, getSourceFile(path, ...asked));
    return parsed.get(path);
  };
  const files = new Map([...blocks].map(([path, { code }]) => [path, code]));
  files.set(join(folder, 'runner.d.ts'), RUNNER);
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.readFile = (path) => files.get(path) ?? readFile(path);
  host.directoryExists = (path) => path === folder || directoryExists?.(path) === true;
  const program = ts.createProgram([...files.keys()], options, host);
  return [...blocks].flatMap(([path, block]) => {
    const file = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      ({ start = 0, messageText }) => {
        const line = block.line + block.code.slice(0, start).split('\n').length - 1;
        return `${block.document}:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
      },
    );
  });
}

/** What a module of either kind is found by; a CommonJS application writes it differently. */
const OWN_URL = /\bimport\.meta\.(url|dirname)\b/g;

/** The blocks that a CommonJS application can't have: those with an `await` outside of functions, or more of `import.meta` than where it is. */
export function unfitForCommonJs(documents: readonly Blocks[]): string[] {
  const options = { ...compilerOptions(), module: ts.ModuleKind.CommonJS, noEmit: false, sourceMap: false };
  return [...filesOf(documents).values()].flatMap(({ document, line, code }) => {
    const { outputText } = ts.transpileModule(code.replace(OWN_URL, '__filename'), {
      compilerOptions: options,
    });
    try {
      compileFunction(outputText);
      return [];
    } catch (error) {
      return [`${document}:${line}: ${String(error)}`];
    }
  });
}

/** The blocks of documents as an application on disk that runs against the built library. */
export class BlocksOnDisk {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'blocks-')));

  constructor(documents: readonly Blocks[]) {
    symlinkSync(join(PROJECT, 'node_modules'), join(this.folder, 'node_modules'), 'junction');
    writeFileSync(join(this.folder, 'package.json'), JSON.stringify({ type: 'module' }));
    const options = { ...compilerOptions(), module: ts.ModuleKind.ESNext, noEmit: false, sourceMap: false };
    for (const [name, { code }] of filesOf(documents)) {
      const { outputText } = ts.transpileModule(code, {
        compilerOptions: options,
        fileName: join(this.folder, name),
      });
      writeFileSync(this.fileOf(name), outputText);
    }
  }

  /** The compiled file of a block. @param name such as `main.ts` */
  fileOf(name: string): string {
    return join(this.folder, name.replace(/\.ts$/, '.js'));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
