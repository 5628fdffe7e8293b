import { lstatSync, mkdirSync, type Stats } from 'node:fs';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { describeCause } from '../../words/describe-cause.js';
import { describeValue } from '../../words/describe-value.js';

/** Its owner may do everything, and nobody else anything. */
const PRIVATE = 0o700;
const PERMISSIONS = 0o777;

/**
 * Makes the directory of a socket, or checks the one that is there. It is what protects the socket: whoever can't enter it can't
 * reach anything in it, whatever the socket's own mode is.
 *
 * @param option for the error
 * @throws InvalidOptionsError when it can't be made, is no directory, somebody else's, or open to others
 */
export function enterPrivateDirectory(path: string, option: string): void {
  let problem: string | undefined;
  try {
    make(path);
    problem = problemOf(lstatSync(path));
  } catch (error) {
    throw new InvalidOptionsError(
      option,
      `needs the directory ${describeValue(path)}, which can't be made: ${describeCause(error)}.`,
    );
  }
  if (problem === undefined) return;
  throw new InvalidOptionsError(
    option,
    `needs a directory that only this user can enter, and ${describeValue(path)} ${problem}. ` +
      'Name one that is not there: it is made.',
  );
}

function make(path: string): void {
  try {
    mkdirSync(path, PRIVATE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function problemOf(stats: Stats): string | undefined {
  const user = process.geteuid?.();
  if (stats.isSymbolicLink()) return 'is a symbolic link';
  if (!stats.isDirectory()) return 'is no directory';
  if (stats.uid !== user) return `belongs to user ${stats.uid}, not to ${user}`;
  const mode = stats.mode & PERMISSIONS;
  return mode === PRIVATE ? undefined : `has mode 0${mode.toString(8).padStart(3, '0')}, not 0700`;
}
