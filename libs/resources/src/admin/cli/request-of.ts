import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { text } from 'node:stream/consumers';
import { describeCause } from '../../words/describe-cause.js';
import { describeValue } from '../../words/describe-value.js';
import type { AdminRequest, CommandName } from '../protocol.js';
import type { CommandLine } from './command-line.js';
import { CliError, EXIT } from './exit-codes.js';

/** Reads a document that was named on the command line. */
type DocumentReader = (file: string) => Promise<unknown>;

type Args = AdminRequest['args'];

const ARGS: Readonly<Record<CommandName, (line: CommandLine, read: DocumentReader) => Args | Promise<Args>>> =
  {
    status: () => ({}),
    history: ({ positionals: [type] }) => ({ type }),
    backup: ({ options }) => ({ values: options['values'] }),
    diff: async ({ positionals: [file] }, read) => (file === undefined ? {} : { document: await read(file) }),
    restore: async ({ positionals: [file], options }, read) => {
      return { document: await read(file), ...howOf(options) };
    },
    rollback: ({ positionals: [type, version], options }) => {
      return { type, version: readVersion(version), ...howOf(options) };
    },
    drain: ({ options }) => ({ deadline: options['deadline'], ...howOf(options) }),
  };

/**
 * What a command line asks of the application.
 *
 * @param stdin where the document `-` is read from
 * @throws CliError when a document can't be read
 */
export async function requestOf(line: CommandLine, stdin: NodeJS.ReadableStream): Promise<AdminRequest> {
  const { command } = line;
  return { command, args: await ARGS[command](line, (file) => readDocument(file, stdin)) };
}

function howOf(options: CommandLine['options']): Args {
  return { dryRun: options['dry-run'], by: options['by'] ?? accountName() };
}

async function readDocument(file: string, stdin: NodeJS.ReadableStream): Promise<unknown> {
  let written: string;
  try {
    written = file === '-' ? await text(stdin) : readFileSync(file, 'utf8');
  } catch (error) {
    throw new CliError(EXIT.usage, `The document can't be read: ${describeCause(error)}.`);
  }
  try {
    return JSON.parse(written) as unknown;
  } catch (error) {
    throw new CliError(EXIT.usage, `${describeValue(file)} is no JSON: ${describeCause(error)}.`);
  }
}

function readVersion(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(given))
    throw new CliError(EXIT.usage, `A version is a whole number from 1; got ${describeValue(given)}.`);
  return Number(given);
}

/** @returns undefined where the account has no name, as in some containers */
function accountName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}
