import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PACKAGE = `node-${process.platform}-${process.arch}`;

/**
 * The program of a Node: this one, or one that npm brings into the system's temporary folder, where the next run finds
 * it again.
 *
 * @param major such as `24`
 */
export async function nodeBinary(major: number): Promise<string> {
  if (process.version.startsWith(`v${major}.`)) return process.execPath;
  const folder = join(tmpdir(), 'nestjs-resources-bench', `node-${major}`);
  const binary = join(folder, 'node_modules', PACKAGE, 'bin', 'node');
  if (!existsSync(binary)) {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
    // In the folder rather than by --prefix, which would make npm overlook the machine's own configuration.
    const flags = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
    await run('npm', ['install', ...flags, `${PACKAGE}@${major}`], { cwd: folder });
  }
  return binary;
}

export function ownMajor(): number {
  return Number.parseInt(process.versions.node, 10);
}
