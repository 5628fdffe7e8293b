import { readFileSync } from 'node:fs';
import Module from 'node:module';
import { dirname, isAbsolute, resolve } from 'node:path';
import { type Compile, loadCompiler, type TypeScriptCompiler } from './typescript-compiler.js';
import { sourceOf } from './typescript-files.js';

/** What Node leaves open to be replaced, and what every loader of other languages replaces; its types don't tell. */
interface CommonJs {
  _extensions: Record<string, (module: { _compile(text: string, path: string): void }, path: string) => void>;
  _resolveFilename(
    request: string,
    parent: { filename?: string | null } | undefined,
    ...more: unknown[]
  ): string;
}

/** From now on, `require()` loads TypeScript in this thread: what was asked for without an extension, or as the `.js` that it becomes. */
export function requireTypeScript(compiler: TypeScriptCompiler): void {
  const commonJs = Module as unknown as CommonJs; // as said above
  let compile: Compile | undefined;
  for (const extension of ['.ts', '.cts'])
    commonJs._extensions[extension] = (module, path) => {
      compile ??= loadCompiler(compiler);
      module._compile(compile(readFileSync(path, 'utf8'), path, 'commonjs'), path);
    };
  const resolveFilename = commonJs._resolveFilename.bind(Module);
  commonJs._resolveFilename = (request, parent, ...more) => {
    const source = isAbsolute(request)
      ? sourceOf(request)
      : /^\.{1,2}\//.test(request) && typeof parent?.filename === 'string'
        ? sourceOf(resolve(dirname(parent.filename), request))
        : undefined;
    return source ?? resolveFilename(request, parent, ...more);
  };
}
