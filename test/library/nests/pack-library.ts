import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { command } from './command.js';

/**
 * Packs the library as it was built.
 *
 * @param project folder of the repository
 * @param folder for the archive
 * @returns the archive's path
 */
export async function packLibrary(project: string, folder: string): Promise<string> {
  const args = ['pack', '--loglevel', 'error', '--workspace', 'nestjs-resources'];
  await command('npm', [...args, '--pack-destination', folder], project);
  const { version } = JSON.parse(readFileSync(join(project, 'libs/resources/package.json'), 'utf8')) as {
    version: string;
  };
  const library = join(folder, 'library.tgz');
  renameSync(join(folder, `nestjs-resources-${version}.tgz`), library);
  return library;
}
