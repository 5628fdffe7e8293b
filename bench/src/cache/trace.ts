import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

/** How a trace is written, once it is decompressed. */
export const TRACE_FORMATS = ['int32be', 'lines'] as const;
export type TraceFormat = (typeof TRACE_FORMATS)[number];

/** Accesses to keys, in their order. */
export interface Trace {
  name: string;
  /** For each access, the index of its key. */
  accesses: Int32Array;
  keys: string[];
}

/**
 * Reads a trace: 32-bit big-endian integers, or text with one key a line (lines that are `*` are marks, not keys).
 * `.gz` and `.br` are decompressed; anything else is read as it is.
 */
export function readTrace(file: string, format: TraceFormat, most = Infinity): Trace {
  const bytes = decompress(file, readFileSync(file));
  const read = format === 'int32be' ? integers(bytes) : lines(bytes);
  const indexes = new Map<string, number>();
  const keys: string[] = [];
  const accesses = read.slice(0, most).map((key) => {
    const known = indexes.get(key);
    if (known !== undefined) return known;
    indexes.set(key, keys.length);
    return keys.push(key) - 1;
  });
  return { name: basename(file).replace(/\.trace.*/, ''), accesses: Int32Array.from(accesses), keys };
}

function decompress(file: string, bytes: Buffer): Buffer {
  if (file.endsWith('.gz')) return gunzipSync(bytes);
  if (file.endsWith('.br')) return brotliDecompressSync(bytes);
  if (file.endsWith('.xz')) throw new Error(`Node can't read xz. Decompress it first: xz -dk ${file}`);
  return bytes;
}

function integers(bytes: Buffer): string[] {
  const keys: string[] = [];
  for (let at = 0; at + 4 <= bytes.length; at += 4) keys.push(String(bytes.readInt32BE(at)));
  return keys;
}

function lines(bytes: Buffer): string[] {
  return bytes
    .toString()
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && line !== '*');
}
