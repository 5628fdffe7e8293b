import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PROJECT } from '../../documents/document.fixture.js';
import { packLibrary } from '../nests/pack-library.js';
import type { Variant } from './variants.js';

/** How applications are generated and tried. */
export interface Trial<V extends Variant, A> {
  readonly variants: readonly V[];
  /** Named, it stays. Default: one that is deleted afterwards. */
  readonly folder: string | undefined;
  generate(variant: V, work: string): Promise<A>;
  /** @param library archive that stands for the published package */
  tryOut(application: A, library: string): Promise<void>;
}

/** Generates an application of each variant, in a folder of its name, and tries two of them at a time. */
export async function tryAll<V extends Variant, A>({
  variants,
  folder,
  generate,
  tryOut,
}: Trial<V, A>): Promise<void> {
  const work = folder === undefined ? mkdtempSync(join(tmpdir(), 'generated-')) : resolve(folder);
  mkdirSync(work, { recursive: true });
  try {
    const library = await packLibrary(PROJECT, work);
    const waiting: A[] = [];
    // One after the other: npm brings each generator once.
    for (const variant of variants) {
      rmSync(join(work, variant.name), { recursive: true, force: true });
      waiting.push(await generate(variant, work));
    }
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        await tryOut(next, library);
    };
    await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
  } finally {
    if (folder === undefined) rmSync(work, { recursive: true, force: true });
  }
}

/** Those of all variants that an option of the command names. @throws Error for a name that there is not */
export function variantsNamed<V extends Variant>(given: string, all: readonly V[], option: string): V[] {
  const names = given.split(',');
  const unknown = names.filter((name) => !all.some((variant) => variant.name === name));
  if (unknown.length > 0) throw new Error(`--${option}: there is no ${unknown.join(', ')}`);
  return all.filter(({ name }) => names.includes(name));
}
