// What runs the library from its source asks here where an entry point begins. They are written once, as `exports` of
// package.json; tsconfig.json and nest-cli.json, which can't compute, know only that one is a folder, and which is the main one.
import { readFileSync } from 'node:fs';

const { name, exports } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

const built = Object.entries(exports).filter(([, target]) => typeof target === 'object');

/** @type {ReadonlyMap<string, URL>} by the name that a user imports: the source file that it is built from */
export const ENTRY_POINTS = new Map(
  built.map(([subpath, target]) => [
    `${name}${subpath.slice(1)}`,
    new URL(target.import.replace(/^\.\/dist\/(.+)\.js$/, 'src/$1.ts'), import.meta.url),
  ]),
);
