import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

const FIXTURE = new URL('./frozen-pool.fixture.ts', import.meta.url);
/** From where the program finds the library as it was built. */
const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
/** Longer than the pool's idleTimeout and maxLeaseTime. */
const FREEZE = 4_000;

/** The fixture as a program of its own: Node 20 does not read TypeScript. */
function program(): string {
  const { outputText } = ts.transpileModule(readFileSync(FIXTURE, 'utf8'), {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  return outputText;
}

describe('a process that is stopped and continued', () => {
  it('has its pool as it was, and validates before it lends', async () => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program()], {
      cwd: PROJECT,
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    try {
      expect(await lines.next()).toMatchObject({ value: 'ready' });
      child.kill('SIGSTOP');
      await setTimeout(FREEZE); // nothing to poll: it is frozen
      child.kill('SIGCONT');
      const { value } = await lines.next();
      expect(JSON.parse(String(value))).toMatchObject({
        held: true,
        idle: 2,
        retired: { idle: 0, leaked: 0 },
        validatedByItself: 0,
        validatedForALoan: 1,
      });
    } finally {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
  });
});
