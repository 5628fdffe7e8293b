import { spawn } from 'node:child_process';

/**
 * Runs a command to its end.
 *
 * @param env default: this process's own
 * @returns its output; rejects with it when the command fails
 */
export function command(
  file: string,
  args: readonly string[],
  cwd: string,
  env?: NodeJS.ProcessEnv,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (text: Buffer): void => {
      output += text.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${file} ${args[0]} ended with ${code}:\n${output.slice(-3_000)}`));
    });
  });
}
