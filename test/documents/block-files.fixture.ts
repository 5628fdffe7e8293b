import type { Block, MarkdownDocument } from './document.fixture.js';

export type Blocks = Pick<MarkdownDocument, 'blocks'>;

/*
 * How the documents' TypeScript blocks are read: every block is a file of its own. A first line such as
 * `// orders.service.ts` names the file, so that other blocks can import it; a block without a name stands
 * alone. All blocks of one document, or of several that belong together, are files of one folder. There is no
 * hidden code: what a block uses, it imports, from a package or from another block; specs have their runner's globals.
 */

/** The named and unnamed files of documents that belong together. */
export function filesOf(documents: readonly Blocks[]): Map<string, Block> {
  const files = new Map<string, Block>();
  const blocks = documents.flatMap((document) => document.blocks);
  for (const block of blocks.filter(({ language }) => language === 'ts')) {
    const name = /^\/\/ (\S+\.ts)\n/.exec(block.code)?.[1] ?? `block-${files.size}.ts`;
    if (files.has(name)) throw new Error(`${block.document}:${block.line}: there is a ${name} already`);
    files.set(name, block);
  }
  return files;
}
