import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The program as the package has it, of the last build. */
export const PROGRAM = fileURLToPath(
  new URL('../../../libs/resources/bin/nestjs-resources.js', import.meta.url),
);

export interface RunOptions {
  /** What stdin says. */
  readonly input?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** Which Node runs it. Default: this one */
  readonly node?: string;
  readonly user?: { readonly uid: number; readonly gid: number };
}

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the program `nestjs-resources` as a process of its own. */
export async function runProgram(
  words: readonly string[],
  { input = '', environment, node = process.execPath, user }: RunOptions = {},
): Promise<Ended> {
  const child = spawn(node, [PROGRAM, ...words], {
    env: { ...process.env, NODE_OPTIONS: '', NESTJS_RESOURCES_SOCKET: '', ...environment },
    ...user,
  });
  const ended: Ended = { code: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (ended.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (ended.stderr += text));
  child.stdin.on('error', () => undefined); // it may end before it has read
  child.stdin.end(input);
  [ended.code] = (await once(child, 'close')) as [number | null];
  return ended;
}
