import { createRequire, register } from 'node:module';
import { HOST_FILE } from '../host-file.js';

/**
 * From now on, this thread loads TypeScript: by the `typescript` that the worker module finds, each module by itself, with types that nobody
 * checks.
 *
 * @param file URL of the worker module
 * @throws Error if there is no `typescript`
 */
export function compileTypeScript(file: string): void {
  let compiler: string;
  try {
    compiler = createRequire(file).resolve('typescript');
  } catch (cause) {
    throw new Error(
      'The worker is TypeScript, and the package "typescript", which would compile it, is not installed. ' +
        'Install it, or give the compiled file.',
      { cause },
    );
  }
  register(new URL('./typescript-hooks.js', HOST_FILE), { data: { compiler } });
}
