import { extname } from 'node:path';

/** A worker's file, as those beside it: built, or in a test its source. */
export function fileOf(name: string): URL {
  return new URL(`./${name}${extname(import.meta.url)}`, import.meta.url);
}
