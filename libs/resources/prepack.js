// What npm shows and packs beside the code stands once, at the root of the repository. Of the documentation it is what users
// of the library read. The form for CommonJS is made here, because nothing in the repository needs it.
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { makeCommonJs } from './make-commonjs.js';

const here = (path) => new URL(path, import.meta.url);

const { exports } = JSON.parse(readFileSync(here('package.json'), 'utf8'));

if (!existsSync(here(exports['.'].import))) {
  throw new Error('There is nothing to pack yet: run "npm run build" at the root of the repository first.');
}
makeCommonJs(fileURLToPath(here('dist')));
rmSync(here('docs'), { recursive: true, force: true });
const pages = ['guide', 'reference', 'operations', 'recipes'].map((folder) => `docs/${folder}`);
for (const name of ['README.md', 'CHANGELOG.md', 'LICENSE', ...pages]) {
  rmSync(here(name), { recursive: true, force: true });
  cpSync(here(`../../${name}`), here(name), { recursive: true });
}
