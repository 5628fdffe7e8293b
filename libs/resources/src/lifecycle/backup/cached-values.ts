import type { ResourceCache } from '../../cache/resource-cache.js';
import type { BackupCache, BackupValue } from './backup-document.js';
import { describeName } from '../../words/describe-name.js';
import { type NotPlainError, plainCopy } from './plain-copy.js';

/** What a value may have, so that the document that it stands in, four levels deep, can be read again. */
const BOUNDS = { levels: 96, members: 1_000_000 };

/** Most characters of where in a value something stands. */
const LONGEST_PATH = 200;

/** An entry as it was before a restore, if it was. */
interface Former {
  readonly value: unknown;
  readonly tags: readonly string[];
  readonly ttl: number;
}

/** How the values of a backup were put back. Counts. */
export interface RestoredValues {
  readonly restored: number;
  readonly expired: number;
  /** What one could not be put back with; then none is, and `undone` says whether all is as it was before. */
  readonly failure?: { readonly cause: unknown; readonly undone: boolean };
}

/** The fresh values in memory; those that JSON can't hold are left out, and told. What is lent, and what only secondary stores have, is none. */
export function valuesOf(cache: ResourceCache): Required<Pick<BackupCache, 'values' | 'omitted'>> {
  const values: BackupValue[] = [];
  const omitted: { key: string; reason: string }[] = [];
  for (const key of cache.keys()) {
    const entry = formerOf(cache, key);
    if (entry === undefined) continue;
    const { tags, ttl } = entry;
    try {
      const value = plainCopy(entry.value, BOUNDS);
      values.push({ key, value, tags: [...tags], expiresAt: timeIn(ttl) });
    } catch (error) {
      const { path, problem } = error as NotPlainError; // nothing else is thrown
      omitted.push({ key, reason: path === '' ? problem : `${describeName(path, LONGEST_PATH)} ${problem}` });
    }
  }
  return { values, omitted };
}

/** Puts values back, each for as long as it would have lived; those that have outlived their time stay out. All or none. */
export async function putBack(cache: ResourceCache, values: readonly BackupValue[]): Promise<RestoredValues> {
  const replaced: { key: string; former: Former | undefined }[] = [];
  let expired = 0;
  for (const { key, value, tags, expiresAt } of values) {
    const ttl = expiresAt === null ? Infinity : Date.parse(expiresAt) - Date.now();
    if (!(ttl > 0)) {
      expired++;
      continue;
    }
    const former = formerOf(cache, key);
    try {
      await cache.put(key, value, { tags, ttl });
    } catch (cause) {
      return { restored: 0, expired: 0, failure: { cause, undone: await putFormer(cache, replaced) } };
    }
    replaced.push({ key, former });
  }
  return { restored: replaced.length, expired };
}

/** @returns whether all of them are there again */
async function putFormer(
  cache: ResourceCache,
  replaced: readonly { key: string; former: Former | undefined }[],
): Promise<boolean> {
  let undone = true;
  for (const { key, former } of replaced.toReversed()) {
    try {
      await (former === undefined ? cache.delete(key) : cache.put(key, former.value, former));
    } catch {
      undone = false; // the report tells of what went wrong first
    }
  }
  return undone;
}

function formerOf(cache: ResourceCache, key: string): Former | undefined {
  const held = cache.store.peek(key);
  if (held?.value === undefined) return undefined;
  return { value: held.value, tags: held.tags, ttl: cache.store.remaining(key) };
}

/** @param ttl milliseconds from now */
function timeIn(ttl: number): string | null {
  const time = new Date(Date.now() + ttl);
  return Number.isNaN(time.getTime()) ? null : time.toISOString(); // for ever, or beyond what a date can be
}
