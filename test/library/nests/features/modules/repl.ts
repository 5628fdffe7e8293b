import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Trial } from '../../trial.js';

const COMMANDS = [
  'get(Service).hello()',
  '$(Service) === get(Service)',
  'methods(Things)',
  'methods("Service")',
  'get(Things).constructor === Things',
  'await resolve(PerRequest).then((own) => own.number)',
  'get("VALUE")',
  'get("missing")',
  'Object.keys(this).length > 0',
  '.exit',
];

/** What Nest's REPL knows of the application, and answers. */
export default async function repl(trial: Trial): Promise<unknown> {
  const script = fileURLToPath(new URL('../../children/repl.js', import.meta.url));
  const child = spawn(process.execPath, [script, trial.adapter, trial.withModule ? 'with' : 'without'], {
    env: { ...process.env, NO_COLOR: '1', NODE_REPL_HISTORY: '', TERM: 'dumb' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (text: Buffer) => (output += text.toString()));
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
  const end = new Promise((resolve) => child.once('close', resolve));
  const prompted = async (count: number): Promise<void> => {
    while (output.split('> ').length <= count && child.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  for (const [index, command] of COMMANDS.entries()) {
    await prompted(index + 1);
    child.stdin.write(`${command}\n`);
  }
  const code = await end;
  // What the module says of itself.
  const lines = output
    .slice(output.indexOf('> '))
    .replaceAll(/(?<=^|> )\[Nest\].*\[Resources\].*\n/gm, '\n')
    .split('\n');
  return { code, lines: lines.filter((line) => line !== '' && line !== '> '), errors };
}
