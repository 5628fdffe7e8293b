import { MarkdownDocument } from '../../../documents/document.fixture.js';
import type { Variant } from '../variants.js';

const page = new MarkdownDocument('docs/guide/processors.md');
const start = new MarkdownDocument('docs/guide/getting-started.md');

/** What the reader pastes into `src/`, for an endpoint that has its work done by a processor. */
const FILES = [
  'render-report.ts',
  'report.worker.ts',
  'report.processor.ts',
  'reports.module.ts',
  'reports.module.spec.ts',
];

/** A block of a page, by the file that its first line names. */
function block(document: MarkdownDocument, name: string): string {
  const found = document.blocks.find(({ code }) => code.startsWith(`// ${name}\n`));
  if (found === undefined) throw new Error(`${document.path} has no block ${name}`);
  return found.code;
}

/** The module itself, or how Getting started and Processors say that it stands in CommonJS. */
export function as(format: Variant['format'], code: string): string {
  if (format === 'esm') return code;
  const dirname = code.replaceAll(/new URL\('\.\/([^']+)', import\.meta\.url\)/g, "join(__dirname, '$1')");
  const imported = dirname === code ? '' : "import { join } from 'node:path';\n";
  return (imported + dirname)
    .replaceAll(/( from '\.{1,2}\/.+)\.js';$/gm, "$1';")
    .replace(/^export default /m, 'module.exports = ');
}

/** The files of `src/`, as the pages have them, by name. */
export function pastedFiles(): [name: string, code: string][] {
  return [
    ['main.ts', block(start, 'main.ts')],
    ...FILES.map((name): [string, string] => [name, block(page, name)]),
  ];
}

/** What a bundler of Nest is told, and what Nest 12 tells it by itself. */
export function bundlerConfig({ nest, format }: Pick<Variant, 'nest' | 'format'>): string {
  const code = as(format, block(page, 'rspack.config.js'));
  return nest === 12 ? code : code.replace("'[name].js'", "'[name].js', library: { type: 'commonjs2' }");
}
