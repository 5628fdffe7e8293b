import { describeKey } from '../words/describe-name.js';

/** What an entry is called, for people. @param type the cache's name */
export function entryName(type: string, key: string): string {
  return `${type}[${describeKey(key)}]`;
}
