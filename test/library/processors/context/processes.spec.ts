import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { forkTypeScript } from '../../../typescript/fork-typescript.fixture.js';

const PROGRAM = new URL('processes.fixture.ts', import.meta.url);
const STARTED = ['init', 'bootstrap'];
const ENDED = ['destroy', 'before shutdown', 'shutdown'];

describe('a process whose threads have an application context', () => {
  it.each([
    ['that nobody closes', 'idle', 'a on A4, page 1', STARTED],
    ['that are closed', 'closing', 0, [...STARTED, ...ENDED]],
    ['that write a log', 'logging', 1, [...STARTED, ...ENDED]],
    ['that could never be made', 'neverStarted', 'ResourceCreationError', []],
  ])('%s ends by itself', async (_, program, result, traced) => {
    const folder = mkdtempSync(join(tmpdir(), 'processes-'));
    const trace = join(folder, 'trace');
    const child = forkTypeScript(PROGRAM, { args: [program, trace] });
    let told: unknown;
    child.once('message', (message) => (told = message));
    const timer = setTimeout(() => child.kill('SIGKILL'), 120_000);
    const [code] = (await once(child, 'exit')) as [number | null];
    clearTimeout(timer);
    const lines = existsSync(trace) ? readFileSync(trace, 'utf8').trim().split('\n') : [];
    expect([code, told, lines.map((line) => line.replace(/^\d+ /, ''))]).toEqual([0, result, traced]);
    rmSync(folder, { recursive: true });
  });
});
