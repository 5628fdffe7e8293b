import { register } from 'node:module';
import { HOST_FILE } from '../host-file.js';
import { findCompiler } from './typescript-compiler.js';
import { requireTypeScript } from './typescript-require.js';

/**
 * From now on, this thread loads TypeScript: by the compiler that the worker module finds, each module by itself, with types that nobody
 * checks; or as Node does, where there is no compiler.
 *
 * @param file URL of the worker module
 * @throws Error if nothing can load it
 */
export function compileTypeScript(file: string): void {
  const compiler = findCompiler(file);
  if (compiler !== undefined) {
    process.setSourceMapsEnabled(true);
    requireTypeScript(compiler);
    register(new URL('./typescript-hooks.js', HOST_FILE), { data: compiler });
    return;
  }
  const { typescript } = process.features as { typescript?: unknown }; // of newer Nodes
  if (typescript === undefined || typescript === false)
    throw new Error(
      'The worker is TypeScript, and no package that would compile it is installed: "@swc/core", or "typescript" before 7, ' +
        'from which version on it has no functions to call. Install one of them, or name the compiled file',
    );
}
