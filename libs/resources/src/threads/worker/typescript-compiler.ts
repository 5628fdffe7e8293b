import { createRequire } from 'node:module';
import type * as Swc from '@swc/core';
import type * as TypeScript from 'typescript';

/** How a module is loaded. */
export type ModuleFormat = 'commonjs' | 'module';

/** A package that compiles TypeScript, and where it lies. */
export interface TypeScriptCompiler {
  readonly name: 'typescript' | '@swc/core';
  /** Path of its main module. */
  readonly path: string;
}

/** Compiles the text of one file, whose types nobody checks. */
export type Compile = (text: string, fileName: string, format: ModuleFormat) => string;

/** From this major version on, `typescript` is a program without functions that could be called. */
const NATIVE_TYPESCRIPT = 7;

/** Finds what compiles, among the packages that the worker module finds. @param file URL of the worker module */
export function findCompiler(file: string): TypeScriptCompiler | undefined {
  const require = createRequire(file);
  for (const name of ['typescript', '@swc/core'] as const) {
    try {
      if (name === 'typescript' && majorOf(require('typescript/package.json')) >= NATIVE_TYPESCRIPT) continue;
      return { name, path: require.resolve(name) };
    } catch {
      continue; // it isn't installed
    }
  }
  return undefined;
}

function majorOf(manifest: unknown): number {
  const { version } = manifest as { version: string }; // every installed package has one
  return Number.parseInt(version, 10);
}

/** Loads a compiler: once that is needed, because it takes long. */
export function loadCompiler({ name, path }: TypeScriptCompiler): Compile {
  const compiler: unknown = createRequire(path)(path);
  return name === 'typescript'
    ? byTypeScript(compiler as typeof TypeScript) // what was found by that name
    : bySwc(compiler as typeof Swc); // likewise
}

function byTypeScript(ts: typeof TypeScript): Compile {
  return (text, fileName, format) =>
    ts.transpileModule(text, {
      fileName,
      compilerOptions: {
        // Where a file is CommonJS, import() stays what it is.
        module: format === 'module' ? ts.ModuleKind.ESNext : ts.ModuleKind.Node16,
        target: ts.ScriptTarget.ES2022,
        experimentalDecorators: true,
        emitDecoratorMetadata: true,
        useDefineForClassFields: false, // a field may be made of what the constructor is given: where that is refused, nobody does
        esModuleInterop: true,
        inlineSourceMap: true,
        inlineSources: true,
      },
    }).outputText;
}

function bySwc(swc: typeof Swc): Compile {
  return (text, filename, format) =>
    swc.transformSync(text, {
      filename,
      swcrc: false,
      configFile: false,
      sourceMaps: 'inline',
      module: format === 'module' ? { type: 'es6' } : { type: 'commonjs', ignoreDynamic: true },
      jsc: {
        target: 'es2022',
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
      },
    }).code;
}
