import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { type Block, type MarkdownDocument, PROJECT } from './document.fixture.js';

type Blocks = Pick<MarkdownDocument, 'path' | 'blocks'>;

/*
 * How the documents' TypeScript blocks are read: every block is a file of its own. A first line such as
 * `// orders.service.ts` names the file, so that other blocks of the same document can import it; a block without
 * a name stands alone. All blocks of one document are files of one folder. There is no hidden code: what a
 * block uses, it imports, from a package or from another block.
 */

/** The named and unnamed files of one document. */
function filesOf(document: Blocks): Map<string, Block> {
  const files = new Map<string, Block>();
  for (const block of document.blocks.filter(({ language }) => language === 'ts')) {
    const name = /^\/\/ (\S+\.ts)\n/.exec(block.code)?.[1] ?? `block-${block.line}.ts`;
    if (files.has(name)) throw new Error(`${document.path}:${block.line}: there is a ${name} already`);
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

/**
 * Type-checks all blocks of a document together.
 *
 * @returns what the compiler finds, each with the document's line
 */
export function typeCheck(document: Blocks): string[] {
  const folder = join(PROJECT, '.blocks');
  const blocks = new Map([...filesOf(document)].map(([name, block]) => [join(folder, name), block]));
  const options = compilerOptions();
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, directoryExists } = host;
  host.fileExists = (path) => blocks.has(path) || fileExists(path);
  host.readFile = (path) => blocks.get(path)?.code ?? readFile(path);
  host.directoryExists = (path) => path === folder || directoryExists?.(path) === true;
  const program = ts.createProgram([...blocks.keys()], options, host);
  return [...blocks].flatMap(([path, block]) => {
    const file = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      ({ start = 0, messageText }) => {
        const line = block.line + block.code.slice(0, start).split('\n').length - 1;
        return `${document.path}:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
      },
    );
  });
}

/** The options that an interface of the library declares, groups with a dot: `creation.timeout`. */
export function membersOf(interfaceName: string): string[] {
  for (const path of ts.sys.readDirectory(join(PROJECT, 'libs/resources/src'), ['.ts'])) {
    const file = ts.createSourceFile(path, ts.sys.readFile(path) ?? '', ts.ScriptTarget.Latest);
    for (const statement of file.statements) {
      if (ts.isInterfaceDeclaration(statement) && statement.name.text === interfaceName)
        return namesOf(statement.members, file);
    }
  }
  throw new Error(`the library has no interface ${interfaceName}`);
}

function namesOf(members: ts.NodeArray<ts.TypeElement>, file: ts.SourceFile): string[] {
  return members.flatMap((member) => {
    if (!ts.isPropertySignature(member) && !ts.isMethodSignature(member)) return [];
    const { type } = member;
    const text = member.name.getText(file);
    const group = type !== undefined && ts.isTypeReferenceNode(type) ? type.typeName.getText(file) : '';
    // A group of options is an interface of its own.
    return group.endsWith('Options') ? membersOf(group).map((inner) => `${text}.${inner}`) : [text];
  });
}

/** A document's blocks as an application on disk that runs against the built library. */
export class BlocksOnDisk {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'blocks-')));

  constructor(document: Blocks) {
    symlinkSync(join(PROJECT, 'node_modules'), join(this.folder, 'node_modules'), 'junction');
    writeFileSync(join(this.folder, 'package.json'), JSON.stringify({ type: 'module' }));
    const options = { ...compilerOptions(), module: ts.ModuleKind.ESNext, noEmit: false, sourceMap: false };
    for (const [name, { code }] of filesOf(document)) {
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
