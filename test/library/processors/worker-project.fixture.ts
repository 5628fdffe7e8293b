import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PROJECT } from '../../documents/document.fixture.js';

/** What of compilers is installed in a project. */
export type Installed =
  'typescript' | '@swc/core' | 'native typescript' | 'native typescript and @swc/core' | 'nothing';

/** A folder outside of the repository, as somebody's project with a worker. */
export class WorkerProject {
  private readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'worker-project-')));

  constructor(type: 'module' | 'commonjs' | undefined, installed: Installed) {
    this.write({ 'package.json': JSON.stringify({ private: true, type }) });
    if (installed === 'typescript') this.link('typescript');
    if (installed.includes('@swc/core')) this.link('@swc/core');
    if (installed.includes('native'))
      this.write({
        'node_modules/typescript/package.json': JSON.stringify({
          name: 'typescript',
          version: '7.0.2',
          main: 'version.js',
        }),
        'node_modules/typescript/version.js': "exports.version = '7.0.2';\n",
      });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** @param files text by path */
  write(files: Readonly<Record<string, string>>): this {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(this.path(name)), { recursive: true });
      writeFileSync(this.path(name), text);
    }
    return this;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  private link(name: string): void {
    const link = this.path(join('node_modules', name));
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(PROJECT, 'node_modules', name), link, 'junction');
  }
}
