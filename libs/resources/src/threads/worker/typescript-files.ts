import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ModuleFormat } from './typescript-compiler.js';

const TYPESCRIPT = /\.[cm]?ts$/;

export function isTypeScript(path: string): boolean {
  return TYPESCRIPT.test(path);
}

/** The source of a compiled file: beside it, if there is one and not the other. */
export function sourceOf(compiled: string): string | undefined {
  const source = compiled.replace(/\.([cm]?)js$/, '.$1ts');
  return isTypeScript(source) && !isFile(compiled) && isFile(source) ? source : undefined;
}

/** What becomes of a TypeScript file, as the compiler and Node have it: what its extension says, or else its package. */
export function formatOf(path: string): ModuleFormat {
  if (path.endsWith('.mts')) return 'module';
  if (path.endsWith('.cts')) return 'commonjs';
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const type = typeOfPackageAt(folder);
    if (type !== undefined) return type === 'module' ? 'module' : 'commonjs';
    if (folder === dirname(folder)) return 'commonjs';
  }
}

/** @returns what a package in that folder says of its modules, or nothing where there is no package */
function typeOfPackageAt(folder: string): unknown {
  try {
    const { type } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { type?: unknown }; // unchecked
    return type ?? 'commonjs';
  } catch {
    return undefined;
  }
}

export function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
