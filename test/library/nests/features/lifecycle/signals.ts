import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Trial } from '../../trial.js';

/** A process with shutdown hooks that gets a signal: what it says, and how it ends. */
export default async function signals(trial: Trial): Promise<unknown> {
  const script = fileURLToPath(new URL('../../children/signalled.js', import.meta.url));
  const runs: Record<string, unknown> = {};
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const child = spawn(process.execPath, [script, trial.adapter, trial.withModule ? 'with' : 'without']);
    let output = '';
    child.stdout.on('data', (text: Buffer) => {
      const up = output.includes('up\n');
      output += text.toString();
      if (!up && output.includes('up\n')) child.kill(signal);
    });
    child.stderr.on('data', (text: Buffer) => (output += text.toString()));
    const end = await new Promise((resolve) => child.once('close', (code, by) => resolve({ code, by })));
    runs[signal] = { output: output.split('\n'), end };
  }
  return runs;
}
