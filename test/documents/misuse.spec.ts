import { describe, expect, it } from '@jest/globals';
import { KINDS } from '../library/misuse/kinds.fixture.js';
import { MarkdownDocument } from './document.fixture.js';

/** A text as a cell of a table has it. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('`', '');

describe('docs/reference/misuse.md', () => {
  const page = new MarkdownDocument('docs/reference/misuse.md');

  it('has a table for each kind of misuse that is tried', () => {
    const [, ...headings] = page.headings;
    expect(headings).toEqual(Object.keys(KINDS));
  });

  it.each(Object.entries(KINDS))('tells of "%s" what the tests prove', (kind, misuses) => {
    expect(page.tableUnder(kind)).toEqual(
      misuses.map(({ misuse, message, remedy }) => ({
        misuse: cell(misuse),
        message: cell(message),
        remedy: cell(remedy),
      })),
    );
  });
});
