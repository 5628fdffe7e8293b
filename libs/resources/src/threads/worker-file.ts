import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describeCause } from '../words/describe-cause.js';
import { describeName, listNames } from '../words/describe-name.js';
import { describeValue } from '../words/describe-value.js';
import type { OptionReader } from '../options/option-reader.js';

/** A worker module that there is. */
export interface WorkerFile {
  /** Its URL. */
  readonly url: string;
  readonly name: string;
  /** Whether it has to be compiled first. */
  readonly typescript: boolean;
}

const EXAMPLE = "new URL('./pdf.worker.js', import.meta.url)";

/** What a bundler leaves that takes the worker for an asset it can't load. */
const LEFT_BY_BUNDLERS = '[object Module]';

/**
 * Finds a worker module. A `.js` that is not there is the `.ts` beside it: so it is in tests, where the application is compiled as it is loaded.
 *
 * @throws InvalidOptionsError naming the path and what lies beside it, if there is no such file
 */
export function findWorkerFile(read: OptionReader, given: unknown): WorkerFile {
  const path = pathOf(read, given);
  if (isFile(path)) return fileAt(path);
  const source = path.replace(/\.([cm]?)js$/, '.$1ts');
  if (source !== path && isFile(source)) return fileAt(source);
  const bundled = path.includes(LEFT_BY_BUNDLERS)
    ? ' A bundler has put that there: make the worker an entry of its own.'
    : '';
  return read.fail('file', `is not there: ${describeName(path, 400)}. ${besides(path)}${bundled}`);
}

function fileAt(path: string): WorkerFile {
  return { url: pathToFileURL(path).href, name: basename(path), typescript: /\.[cm]?ts$/.test(path) };
}

function pathOf(read: OptionReader, given: unknown): string {
  const text = textOf(given);
  if (text === undefined)
    return read.fail(
      'file',
      `must be a file URL or an absolute path, such as ${EXAMPLE}; got ${describeValue(given)}.`,
    );
  if (isAbsolute(text)) return text;
  try {
    return fileURLToPath(text);
  } catch (error) {
    return read.fail(
      'file',
      `must be a file URL or an absolute path, such as ${EXAMPLE}; got ${describeValue(text)} (${describeCause(error)}).`,
    );
  }
}

/** A URL may be of another realm. */
function textOf(given: unknown): string | undefined {
  if (typeof given === 'string') return given;
  try {
    const { href } = given as { href?: unknown }; // unchecked input
    return typeof href === 'string' ? href : undefined;
  } catch {
    return undefined;
  }
}

/** What lies where the file should be, or that there is no such place. */
function besides(path: string): string {
  const folder = dirname(path);
  try {
    const names = readdirSync(folder).toSorted();
    return names.length === 0 ? 'Its folder is empty.' : `Beside it lie: ${listNames(names)}.`;
  } catch {
    return `There is no folder ${describeName(folder, 400)} either.`;
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
