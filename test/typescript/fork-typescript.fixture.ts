import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const REGISTER = new URL('./register.js', import.meta.url).href;

interface ForkOptions {
  /** Path of the Node that runs it. Default: this one. */
  readonly node?: string;
  readonly flags?: readonly string[];
  /** Of the program. */
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a program, TypeScript as it stands, as a process of its own: without coverage, and with no memory of other tests. */
export function forkTypeScript(
  program: URL,
  { node, flags = [], args = [], env }: ForkOptions = {},
): ChildProcess {
  return fork(fileURLToPath(program), args, {
    execPath: node ?? process.execPath,
    execArgv: ['--no-warnings', ...flags, '--import', REGISTER],
    env: { ...process.env, NODE_OPTIONS: '', ...env },
  });
}
