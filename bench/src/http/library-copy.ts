import { execFile } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { atExit } from '../command/at-exit.js';

const execute = promisify(execFile);
const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));
const LIBRARY = 'libs/resources';
const PACKAGE = 'nestjs-resources';
/** Where npm puts what does not fit into the project's own folder. */
const WORKSPACES = [LIBRARY, 'bench'];

/** A build of the library, with the benchmark's servers beside it, in a temporary folder of its own. */
export interface LibraryCopy {
  /** The commit, with `-dirty` when it is this checkout and has changes. */
  commit: string;
  serverFile: string;
}

/** The library as this checkout has built it: a later build does not disturb a run. */
export async function copyOfCheckout(): Promise<LibraryCopy> {
  const folder = await temporaryFolder();
  for (const part of ['package.json', 'dist'])
    await cp(join(PROJECT, LIBRARY, part), join(folder, LIBRARY, part), { recursive: true });
  const commit = await git('describe', '--always', '--dirty', '--exclude=*');
  return { commit, serverFile: await addServers(folder) };
}

/**
 * The library of a commit, built here with the packages of this checkout.
 *
 * @throws Error when there is no such commit, or it does not build
 */
export async function copyOfCommit(revision: string): Promise<LibraryCopy> {
  const commit = await commitOf(revision);
  const folder = await temporaryFolder();
  const archive = join(folder, 'source.tar');
  await git('archive', '--format=tar', `--output=${archive}`, commit);
  await run('tar', ['-xf', archive], folder);
  rmSync(join(folder, 'bench'), { recursive: true, force: true }); // the servers are the same for both sides
  const serverFile = await addServers(folder);
  await run(process.execPath, ['node_modules/@nestjs/cli/bin/nest.js', 'build', 'resources'], folder);
  return { commit, serverFile };
}

async function commitOf(revision: string): Promise<string> {
  try {
    return await git('rev-parse', '--verify', '--short', '--end-of-options', `${revision}^{commit}`);
  } catch (cause) {
    throw new Error(`--against must be a commit of this repository, not "${revision}"`, { cause });
  }
}

async function addServers(folder: string): Promise<string> {
  const bench = join(folder, 'bench');
  await cp(join(PROJECT, 'bench/package.json'), join(bench, 'package.json'));
  await cp(join(PROJECT, 'bench/dist'), join(bench, 'dist'), { recursive: true });
  await linkPackages(folder);
  return join(bench, 'dist/http/server.js');
}

/** Every package of this checkout, except the library itself. */
async function linkPackages(folder: string): Promise<void> {
  const packages = await readdir(join(PROJECT, 'node_modules'));
  for (const name of packages.filter((name) => name !== PACKAGE))
    await link(join(PROJECT, 'node_modules', name), join(folder, 'node_modules', name));
  await link(join(folder, LIBRARY), join(folder, 'node_modules', PACKAGE));
  for (const workspace of WORKSPACES) {
    const own = join(PROJECT, workspace, 'node_modules');
    if (existsSync(own)) await link(own, join(folder, workspace, 'node_modules'));
  }
}

async function link(target: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await symlink(target, path, 'junction');
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nestjs-resources-against-'));
  atExit(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 })); // a build that was killed may still write
  return folder;
}

async function git(...args: string[]): Promise<string> {
  return (await run('git', args, PROJECT)).trim();
}

/** @returns what the program wrote; it ends with this process at the latest */
async function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  const running = execute(program, args, { cwd });
  atExit(() => running.child.kill('SIGKILL'));
  return (await running).stdout;
}
