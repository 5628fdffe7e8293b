import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';
import { ENTRY_POINTS } from '../../libs/resources/entry-points.js';

const { $schema: _, ...swc } = JSON.parse(readFileSync(new URL('../../.swcrc', import.meta.url), 'utf8'));

/** The library begins at its source, and a `.js` that is not there is a `.ts`. */
export async function resolve(specifier, context, next) {
  const entry = ENTRY_POINTS.get(specifier);
  if (entry !== undefined) return { url: entry.href, format: 'module', shortCircuit: true };
  if (specifier === './host-file.js') return await resolve('./host-file.fixture.js', context, next); // threads run the build
  if (specifier.startsWith('.') && specifier.endsWith('.js')) {
    const url = new URL(`${specifier.slice(0, -'.js'.length)}.ts`, context.parentURL);
    if (existsSync(url)) return { url: url.href, format: 'module', shortCircuit: true };
  }
  return next(specifier, context);
}

export async function load(url, context, next) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context);
  const filename = fileURLToPath(url);
  const { code } = await transform(readFileSync(filename, 'utf8'), {
    ...swc,
    filename,
    swcrc: false,
    sourceMaps: 'inline',
  });
  return { format: 'module', source: code, shortCircuit: true };
}
