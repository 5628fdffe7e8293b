import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const register = new URL('../typescript/register.js', import.meta.url).href;
const bench = fileURLToPath(new URL('../../bench/src', import.meta.url));
const run = promisify(execFile);

/** What a command tells of itself. */
export async function figuresOf(
  program: string,
  ...args: readonly string[]
): Promise<Record<string, unknown>> {
  const node = ['--no-warnings', '--import', register, `${bench}/${program}`, ...args, '--json'];
  const { stdout } = await run(process.execPath, node, { env: { ...process.env, NODE_OPTIONS: '' } });
  return JSON.parse(stdout) as Record<string, unknown>;
}
