import { once } from 'node:events';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { forkTypeScript } from '../../typescript/fork-typescript.fixture.js';
import { KEEPER, SCENES } from './scenes.fixture.js';

describe('what stays of a request', () => {
  let left: Record<string, string[]>;

  beforeAll(async () => {
    const player = forkTypeScript(new URL('./play-scenes.fixture.ts', import.meta.url));
    [left] = (await once(player, 'message')) as [Record<string, string[]>];
  });

  it.each(Object.keys(SCENES).filter((name) => name !== KEEPER))('is nothing in %s', (name) => {
    expect(left[name]).toEqual([]);
  });

  it('would be seen', () => {
    expect(left[KEEPER]).toEqual(['context', 'signal']);
  });
});
