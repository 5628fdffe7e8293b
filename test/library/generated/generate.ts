import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { command } from '../nests/command.js';
import type { Variant } from './variants.js';

const NAME = 'shop';

/** Generates an application, without its packages. @returns its folder */
export async function generate({ nest, format, changes = [] }: Variant, folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const cli = ['exec', '--yes', '--prefer-offline', `--package=@nestjs/cli@${nest}`, '--'];
  await command('npm', [...cli, ...generator(nest, format)], folder);
  const application = join(folder, NAME);
  for (const change of changes) change(application);
  return application;
}

function generator(nest: Variant['nest'], format: Variant['format']): string[] {
  const usual = format === (nest === 11 ? 'cjs' : 'esm');
  if (usual) return ['nest', 'new', NAME, '--skip-git', '--skip-install', '--package-manager', 'npm'];
  // Only on a terminal does `nest new` ask for the format. What it then runs can be told.
  const options = [`--type=${format}`, '--language=ts', '--package-manager=npm', '--strict'];
  return ['schematics', '@nestjs/schematics:application', `--name=${NAME}`, ...options];
}
