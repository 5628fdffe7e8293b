import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as Library from 'nestjs-resources';

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));

let loading: Promise<typeof Library> | undefined;

/** The library as another package of the application may bring it: the same code, loaded from another folder, and the same Nest. */
export function anotherCopy(): Promise<typeof Library> {
  return (loading ??= load());
}

async function load(): Promise<typeof Library> {
  const folder = mkdtempSync(join(tmpdir(), 'another-copy-'));
  try {
    cpSync(join(PROJECT, 'libs/resources/src'), join(folder, 'src'), {
      recursive: true,
      filter: (path) => !/[.](spec|fixture)[.]ts$/.test(path),
    });
    symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    return (await import(join(folder, 'src/nest/index.ts'))) as typeof Library;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
