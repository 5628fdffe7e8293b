import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { type Block, type MarkdownDocument, PROJECT } from './document.fixture.js';

type Blocks = Pick<MarkdownDocument, 'blocks'>;

/*
 * How the documents' TypeScript blocks are read: every block is a file of its own. A first line such as
 * `// orders.service.ts` names the file, so that other blocks can import it; a block without a name stands
 * alone. All blocks of one document, or of several that belong together, are files of one folder. There is no
 * hidden code: what a block uses, it imports, from a package or from another block.
 */

/** The named and unnamed files of documents that belong together. */
function filesOf(documents: readonly Blocks[]): Map<string, Block> {
  const files = new Map<string, Block>();
  const blocks = documents.flatMap((document) => document.blocks);
  for (const block of blocks.filter(({ language }) => language === 'ts')) {
    const name = /^\/\/ (\S+\.ts)\n/.exec(block.code)?.[1] ?? `block-${files.size}.ts`;
    if (files.has(name)) throw new Error(`${block.document}:${block.line}: there is a ${name} already`);
    files.set(name, block);
  }
  return files;
}

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
  host.fileExists = (path) => blocks.has(path) || fileExists(path);
  host.readFile = (path) => blocks.get(path)?.code ?? readFile(path);
  host.directoryExists = (path) => path === folder || directoryExists?.(path) === true;
  const program = ts.createProgram([...blocks.keys()], options, host);
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
