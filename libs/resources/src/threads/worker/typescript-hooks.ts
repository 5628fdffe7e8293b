import { readFileSync } from 'node:fs';
import type { LoadHook, ResolveHook } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Compile, loadCompiler, type TypeScriptCompiler } from './typescript-compiler.js';
import { formatOf, isTypeScript, sourceOf } from './typescript-files.js';

/*
 * How ES modules are imported from TypeScript. Node runs this in a thread of its own.
 */
let compiler: TypeScriptCompiler;
let compile: Compile | undefined;

/** Called by Node, before any other hook. */
export function initialize(given: TypeScriptCompiler): void {
  compiler = given;
}

/** A `.js` that is not there is the `.ts` beside it, as the compiler has it. */
export const resolve: ResolveHook = async (specifier, context, next) => {
  const { parentURL } = context;
  const inFiles = parentURL === undefined || parentURL.startsWith('file:');
  if (inFiles && /^(\.{0,2}\/|file:)/.test(specifier)) {
    const path = fileURLToPath(new URL(specifier, parentURL));
    const source = isTypeScript(path) ? path : sourceOf(path);
    if (source !== undefined)
      return { url: pathToFileURL(source).href, format: formatOf(source), shortCircuit: true };
  }
  return await next(specifier, context);
};

/** A file that becomes CommonJS is left to `require()`. */
export const load: LoadHook = async (url, context, next) => {
  if (!url.startsWith('file:')) return await next(url, context);
  const path = fileURLToPath(url);
  if (!isTypeScript(path)) return await next(url, context);
  const format = formatOf(path);
  if (format === 'commonjs') return { format, shortCircuit: true };
  compile ??= loadCompiler(compiler);
  return { format, source: compile(readFileSync(path, 'utf8'), url, format), shortCircuit: true };
};
