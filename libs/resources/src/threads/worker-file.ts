import { readdirSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describeCause } from '../words/describe-cause.js';
import { describeName, listNames } from '../words/describe-name.js';
import { describeValue } from '../words/describe-value.js';
import type { OptionReader } from '../options/option-reader.js';
import { isFile, isTypeScript, sourceOf } from './worker/typescript-files.js';

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
 * Finds a worker module. A `.js` that is not there is the `.ts` beside it, if the application is compiled as it is loaded, as in tests.
 *
 * @param program path of what Node was started with; default: that of this process
 * @throws InvalidOptionsError naming the path and what lies beside it, if there is no such file
 */
export function findWorkerFile(read: OptionReader, given: unknown, program = process.argv[1]): WorkerFile {
  const path = pathOf(read, given);
  if (isFile(path)) return fileAt(path);
  if (path.includes(LEFT_BY_BUNDLERS))
    return read.fail(
      'file',
      `is no file in ${describeName(dirname(path), 400)}: a bundler has put something of its own in the worker's place. ${besides(path)} ` +
        'Make the worker an entry of its own, and let the bundler leave new URL() as it is.',
    );
  const source = sourceOf(path);
  if (source !== undefined && !isCompiled(program)) return fileAt(source);
  const uncompiled =
    source === undefined
      ? ''
      : ` The source is there, but ${describeName(program, 400)} is compiled, and the worker would not be: name the compiled file.`;
  return read.fail('file', `is not there: ${describeName(path, 400)}. ${besides(path)}${uncompiled}`);
}

/** Whether a program is JavaScript of the application, which therefore was compiled; what tests or loads it is a package's. */
function isCompiled(program: string | undefined): program is string {
  if (program === undefined || /[\\/]node_modules[\\/]/.test(program)) return false;
  return [program, `${program}.js`, join(program, 'index.js')].some(
    (path) => /\.[cm]?js$/.test(path) && isFile(path),
  );
}

function fileAt(path: string): WorkerFile {
  return { url: pathToFileURL(path).href, name: basename(path), typescript: isTypeScript(path) };
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
