import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TraceFormat } from './trace.js';

export interface TraceFile {
  file: string;
  format: TraceFormat;
}

const OWN = fileURLToPath(new URL('../../traces', import.meta.url));

/** The traces of this repository, and those of a folder of further ones, if it is there. */
export function knownTraces(further: string): TraceFile[] {
  return [
    ...within(OWN, /^cache2k_.*\.br$/, 'int32be'),
    // No licence lets them be copied here: Jiang and Zhang, LIRS, SIGMETRICS 2002.
    ...within(further, /^lirs_.*\.trace\.gz$/, 'lines'),
  ];
}

function within(folder: string, name: RegExp, format: TraceFormat): TraceFile[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((file) => name.test(file));
  return names.toSorted().map((file) => ({ file: join(folder, file), format }));
}
