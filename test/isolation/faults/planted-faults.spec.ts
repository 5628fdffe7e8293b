import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { PLANTED_FAULTS } from './planted-faults.js';

const built = (file: string): string =>
  readFileSync(new URL(`../../../libs/resources/dist/${file}`, import.meta.url), 'utf8');

describe('faults that are planted on purpose', () => {
  it.each(PLANTED_FAULTS.flatMap(({ name, edits }) => edits.map((edit) => [name, edit] as const)))(
    'have their place in the built library: %s',
    (_name, { file, find }) => {
      expect(built(file).split(find)).toHaveLength(2);
    },
  );
});
