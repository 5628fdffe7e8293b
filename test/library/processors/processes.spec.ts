import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { forkTypeScript } from '../../typescript/fork-typescript.fixture.js';

const PROGRAM = new URL('processes.fixture.ts', import.meta.url);

describe('a process with processors that nobody ends', () => {
  it.each([
    ['are idle', 'idle', 'done'],
    ['are on loan', 'leased', 'done'],
    ['work', 'working', 'well'],
    ['are recycled', 'recycling', 'done'],
    ['move a result', 'transferring', 5],
    ['send items that are read', 'reading', 500],
    ['send items that nobody reads', 'unread', 'done'],
    ['send items of which one was read', 'halfRead', 0],
  ])('ends by itself when they %s, and not before they are done', async (_, program, result) => {
    const child = forkTypeScript(PROGRAM, { args: [program] });
    let told: unknown;
    child.once('message', (message) => (told = message));
    const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
    const [code] = (await once(child, 'exit')) as [number | null];
    clearTimeout(timer);
    expect([code, told]).toEqual([0, result]);
  });
});
