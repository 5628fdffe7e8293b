import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MarkdownDocument, PROJECT } from './document.fixture.js';

/** Made by the site's build, and no pages of ours. */
const MADE = /^docs\/(api|\.vitepress)\//;

/** The pages of the documentation, from the project's folder. */
export const PAGES: readonly string[] = readdirSync(join(PROJECT, 'docs'), {
  recursive: true,
  encoding: 'utf8',
})
  .map((name) => `docs/${name.replaceAll('\\', '/')}`)
  .filter((path) => path.endsWith('.md') && !MADE.test(path));

/** Everything that is read, by people and by these tests. */
export const DOCUMENTS: readonly string[] = ['README.md', ...PAGES];

/** The folders whose pages tell of one application, and of what is packed with the library. */
const HANDBOOK = /^docs\/(guide|reference|operations|recipes)\//;

/** The pages that tell of one application: their blocks are files of one folder. */
export const handbook = (): MarkdownDocument[] =>
  PAGES.filter((path) => HANDBOOK.test(path)).map((path) => new MarkdownDocument(path));

/** Documents that belong together, by a name: the handbook, and every other document alone. */
export const applications = (): [string, MarkdownDocument[]][] => [
  ['the handbook', handbook()],
  ...DOCUMENTS.filter((path) => !HANDBOOK.test(path)).map((path): [string, MarkdownDocument[]] => [
    path,
    [new MarkdownDocument(path)],
  ]),
];

/** The documents whose SQL is run, and whose application is started. */
export const STARTED: readonly string[] = ['README.md', 'docs/guide/getting-started.md'];
