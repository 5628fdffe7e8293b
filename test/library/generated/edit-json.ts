import { readFileSync, writeFileSync } from 'node:fs';

/** Changes a file of JSON. @param edit makes the new content of the old one */
export function editJson<T extends object>(path: string, edit: (content: T) => T): void {
  const content = edit(JSON.parse(readFileSync(path, 'utf8')) as T);
  writeFileSync(path, `${JSON.stringify(content, undefined, 2)}\n`);
}
