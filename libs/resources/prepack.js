// What npm shows and packs beside the code stands once, at the root of the repository.
import { cpSync, existsSync, rmSync } from 'node:fs';

const here = (path) => new URL(path, import.meta.url);

if (!existsSync(here('dist/nest/index.js'))) {
  throw new Error('There is nothing to pack yet: run "npm run build" at the root of the repository first.');
}
for (const name of ['README.md', 'CHANGELOG.md', 'LICENSE', 'docs']) {
  rmSync(here(name), { recursive: true, force: true });
  cpSync(here(`../../${name}`), here(name), { recursive: true });
}
