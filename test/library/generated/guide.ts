import { filesOf } from '../../documents/block-files.fixture.js';
import { MarkdownDocument } from '../../documents/document.fixture.js';
import type { Variant } from './variants.js';

/** The pages that a newcomer follows first. */
const PAGES = ['docs/guide/getting-started.md', 'docs/guide/testing.md'];

const documents = PAGES.map((path) => new MarkdownDocument(path));

const blocksOf = (language: string): string[] =>
  documents
    .flatMap(({ blocks }) => blocks.filter((block) => block.language === language))
    .map(({ code }) => code);

/** What the reader installs: the arguments of npm, one command an entry. */
export const INSTALLATIONS: readonly (readonly string[])[] = blocksOf('sh')
  .flatMap((code) => code.trimEnd().split('\n'))
  .map((line) => line.replace(/^npm /, '').split(' '));

/** The tables that the reader makes. */
export const TABLES: readonly string[] = blocksOf('sql');

/** The files that the reader pastes into `src/`, by name. In CommonJS without `.js`, as Getting started says. */
export function pastedFiles(format: Variant['format']): [name: string, code: string][] {
  return [...filesOf(documents)].map(([name, { code }]) => [
    name,
    format === 'esm' ? code : code.replaceAll(/( from '\.{1,2}\/.+)\.js';$/gm, "$1';"),
  ]);
}
