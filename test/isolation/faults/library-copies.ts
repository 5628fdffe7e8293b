import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlantedFault } from './planted-faults.js';

/** Where npm runs the scripts of this checkout. */
const ROOT = process.cwd();
const PACKAGE = 'libs/resources';

/** Copies of the library in the system's temporary folder: older ones, and ones that were broken on purpose. */
export class LibraryCopies {
  private readonly folder = mkdtempSync(join(tmpdir(), 'isolation-'));

  constructor() {
    // One Nest for the test and for all copies: Node finds packages by their real path.
    symlinkSync(join(ROOT, 'node_modules'), join(this.folder, 'node_modules'));
  }

  /** The library as it was at a commit, built. @returns its package's folder */
  build(commit: string): string {
    const checkout = join(this.folder, commit);
    mkdirSync(checkout);
    const archive = execFileSync('git', ['archive', commit, PACKAGE, 'tsconfig.json'], {
      cwd: ROOT,
      maxBuffer: 2 ** 28,
    });
    execFileSync('tar', ['-x', '-C', checkout], { input: archive });
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
    execFileSync(process.execPath, [compiler, '-p', join(checkout, PACKAGE, 'tsconfig.lib.json')], {
      stdio: 'pipe',
    });
    return join(checkout, PACKAGE);
  }

  /** This checkout's built library with one fault. @returns its package's folder */
  plant({ name, edits }: PlantedFault): string {
    const copy = join(this.folder, name);
    mkdirSync(copy);
    for (const part of ['dist', 'package.json', 'node_modules']) {
      const from = join(ROOT, PACKAGE, part);
      if (existsSync(from)) cpSync(from, join(copy, part), { recursive: true, verbatimSymlinks: true });
    }
    for (const { file, find, replace } of edits) {
      const path = join(copy, 'dist', file);
      const text = readFileSync(path, 'utf8');
      const places = text.split(find).length - 1;
      if (places !== 1)
        throw new Error(`${name}: what it replaces is in ${file} ${places} times, not once: ${find}`);
      writeFileSync(
        path,
        text.replace(find, () => replace),
      );
    }
    return copy;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
