import { existsSync, readFileSync } from 'node:fs';
import { createRequire, type LoadHook, type ResolveHook } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type * as TypeScript from 'typescript';

const TYPESCRIPT = /\.[cm]?ts$/;
let ts: typeof TypeScript;

/** Called by Node, before any other hook. @param data path of the compiler */
export function initialize({ compiler }: { compiler: string }): void {
  ts = createRequire(compiler)(compiler) as typeof TypeScript; // the package that was resolved by its name
}

/** A `.js` that is not there is the `.ts` beside it, as the compiler has it. */
export const resolve: ResolveHook = async (specifier, context, next) => {
  const { parentURL } = context;
  if (parentURL?.startsWith('file:') === true && /^\.{0,2}\//.test(specifier)) {
    const source = new URL(specifier.replace(/\.([cm]?)js$/, '.$1ts'), parentURL);
    const asWritten = new URL(specifier, parentURL);
    if (!existsSync(asWritten) && TYPESCRIPT.test(source.pathname) && existsSync(source))
      return { url: source.href, format: 'module', shortCircuit: true };
  }
  return await next(specifier, context);
};

/** Whatever its package says, it becomes an ES module. */
export const load: LoadHook = async (url, context, next) => {
  const { protocol, pathname } = new URL(url);
  if (protocol !== 'file:' || !TYPESCRIPT.test(pathname)) return await next(url, context);
  const fileName = fileURLToPath(url);
  const { outputText } = ts.transpileModule(readFileSync(fileName, 'utf8'), {
    fileName: pathToFileURL(fileName).href,
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2022,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      esModuleInterop: true,
      inlineSourceMap: true,
      inlineSources: true,
    },
  });
  return { format: 'module', source: outputText, shortCircuit: true };
};
