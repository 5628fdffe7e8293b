import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { anchorOf } from '../../docs/.vitepress/anchor.js';

export const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** A fenced block of code. */
export interface Block {
  /** The document's path from the project's folder. */
  document: string;
  language: string;
  code: string;
  /** The line of the document on which the code begins, from 1. */
  line: number;
}

/** A Markdown document: its code blocks, its tables, its links. */
export class MarkdownDocument {
  readonly blocks: Block[] = [];
  readonly headings: string[] = [];
  /** The document without its code blocks. */
  readonly prose: string;
  private readonly tables: { heading: string | undefined; rows: string[][] }[] = [];

  /** @param path from the project's folder */
  constructor(readonly path: string) {
    this.prose = this.parse(readFileSync(join(PROJECT, path), 'utf8').split('\n')).join('\n');
  }

  /** The first table below a heading: one object a row, by column name, without code marks. */
  tableUnder(heading: string): Record<string, string>[] {
    const [header, , ...rows] = this.tables.find((table) => table.heading === heading)?.rows ?? [];
    if (header === undefined) throw new Error(`${this.path} has no table under "${heading}"`);
    return rows.map((cells) => Object.fromEntries(header.map((name, column) => [name, cells[column] ?? ''])));
  }

  /** Links within the project, as they are written. */
  get links(): string[] {
    const targets = [...this.prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
    return targets.filter((target) => !/^https?:/.test(target));
  }

  /** The files and folders to which it links, from the project's folder. */
  get linked(): string[] {
    const files = this.links.map((target) => target.split('#', 1)[0]).filter((file) => file !== '');
    return files.map((file) => join(dirname(this.path), file).replaceAll('\\', '/'));
  }

  /** Links within the project that lead nowhere. */
  brokenLinks(): string[] {
    return this.links.filter((target) => !this.leadsSomewhere(target));
  }

  private leadsSomewhere(target: string): boolean {
    const [file, anchor] = target.split('#');
    const path = file === '' ? this.path : join(dirname(this.path), file);
    if (!existsSync(join(PROJECT, path))) return false;
    return anchor === undefined || new MarkdownDocument(path).headings.map(anchorOf).includes(anchor);
  }

  /** @returns the lines outside of code blocks */
  private parse(lines: string[]): string[] {
    const prose: string[] = [];
    let block: Block | undefined;
    let inTable = false;
    for (const [index, line] of lines.entries()) {
      const fence = /^```(\w*)$/.exec(line);
      if (block !== undefined) {
        if (fence === null) block.code += `${line}\n`;
        else block = undefined;
      } else if (fence !== null) {
        block = { document: this.path, language: fence[1], code: '', line: index + 2 };
        this.blocks.push(block);
      } else {
        prose.push(line);
        const heading = /^#+ (.+)$/.exec(line)?.[1];
        if (heading !== undefined) this.headings.push(heading);
        const isRow = line.startsWith('|');
        if (isRow && !inTable) this.tables.push({ heading: this.headings.at(-1), rows: [] });
        if (isRow) this.tables.at(-1)?.rows.push(cellsOf(line));
        inTable = isRow;
      }
    }
    return prose;
  }
}

function cellsOf(line: string): string[] {
  return line
    .slice(1, line.lastIndexOf('|'))
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('`', ''));
}
