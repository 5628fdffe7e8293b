import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BlocksOnDisk } from './code-blocks.fixture.js';
import { MarkdownDocument } from './document.fixture.js';
import { handbook } from './pages.fixture.js';

const PAGE = new MarkdownDocument('docs/operations/rollback.md');

/** What differs from run to run. */
const MOMENTS = ['at', 'duration'];

const parse = (json: string): unknown =>
  JSON.parse(json, (name, value: unknown) => (MOMENTS.includes(name) ? name : value)) as unknown;

describe('the procedure of a rollback', () => {
  let application: BlocksOnDisk;

  beforeAll(() => {
    application = new BlocksOnDisk(handbook());
  });

  afterAll(() => application.remove());

  it('does, step by step, what the page says', () => {
    const rehearse = "import { rehearse } from './rehearsal.js'; await rehearse();";
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', rehearse], {
      cwd: application.folder,
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    expect(stderr).toBe('');
    const shown = stdout.trimEnd().split('\n').map(parse);
    const told = PAGE.blocks.filter(({ language }) => language === 'json').map(({ code }) => parse(code));
    expect(shown).toEqual(told);
  });
});
