import { describeKey } from '../errors/describe-name.js';

/** Where an entry stands, for people. @param type the cache's name */
export function placeOf(type: string, key: string): string {
  return `${type}[${describeKey(key)}]`;
}
