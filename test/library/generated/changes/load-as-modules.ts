import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { editJson } from '../edit-json.js';

/** As whoever makes an application of Nest 11 an ES module: its package says so, and imports name files. */
export function loadAsModules(folder: string): void {
  editJson<object>(join(folder, 'package.json'), (manifest) => ({ ...manifest, type: 'module' }));
  for (const name of ['src', 'test'].flatMap((part) => filesIn(join(folder, part)))) {
    const code = readFileSync(name, 'utf8');
    writeFileSync(name, code.replaceAll(/( from '\.{1,2}\/[^']+)';$/gm, "$1.js';"));
  }
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
