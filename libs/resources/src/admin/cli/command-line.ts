import { parseArgs, type ParseArgsConfig } from 'node:util';
import { parseDuration } from '../../time/duration.js';
import { describeCause, isError } from '../../words/describe-cause.js';
import { quoteName } from '../../words/describe-name.js';
import { COMMAND_NAMES, type CommandName } from '../protocol.js';
import { CliError, EXIT } from './exit-codes.js';
import { COMMON_OPTIONS, type CommandHelp, COMMANDS, type OptionHelp } from './command-helps.js';

/** A command line that was read. */
export interface CommandLine {
  readonly command: CommandName;
  readonly positionals: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  /** Milliseconds. */
  readonly timeout: number;
}

/** What is asked of the command line itself, and of no application. */
export type Wish = CommandLine | { readonly help: CommandName | undefined } | { readonly version: true };

/** Milliseconds. */
const DEFAULT_TIMEOUT = 10_000;

/** @param words without the program @throws CliError when it is wrong */
export function readCommandLine(words: readonly string[]): Wish {
  const [first, ...rest] = words;
  if (first === undefined) return { help: undefined };
  if (['--help', '-h', 'help'].includes(first))
    return { help: rest[0] === undefined ? undefined : commandOf(rest[0]) };
  if (first === '--version') return { version: true };
  if (first.startsWith('-')) fail(`The command comes first, before ${quoteName(first)}.`);
  const command = commandOf(first);
  const help = COMMANDS[command];
  const { values, positionals } = parse(command, help, rest);
  if (values['help'] === true) return { help: command };
  checkPositionals(command, help, positionals);
  const timeout = durationOf('timeout', values['timeout']) ?? DEFAULT_TIMEOUT;
  const deadline = durationOf('deadline', values['deadline']);
  const options = { ...values, ...(deadline !== undefined && { deadline: `${deadline}ms` }) };
  return { command, positionals, options, timeout };
}

/** Whether a command line asks for JSON, although it may be wrong. */
export function isJsonWished(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return (end === -1 ? words : words.slice(0, end)).includes('--json');
}

function commandOf(word: string): CommandName {
  const command = COMMAND_NAMES.find((name) => name === word);
  return command ?? fail(`There is no command ${quoteName(word)}. Commands: ${COMMAND_NAMES.join(', ')}.`);
}

function parse(
  command: CommandName,
  help: CommandHelp,
  args: string[],
): { values: Record<string, string | boolean | undefined>; positionals: string[] } {
  const options: NonNullable<ParseArgsConfig['options']> = Object.fromEntries(
    [...help.options, ...COMMON_OPTIONS].map(({ name, short, value }: OptionHelp) => [
      name,
      { type: value === undefined ? 'boolean' : 'string', ...(short && { short }) },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true, strict: true });
    return { values: values as Record<string, string | boolean | undefined>, positionals }; // none may be given twice
  } catch (error) {
    const why = isError(error) ? error.message.split('. To specify')[0] : error;
    return fail(`${describeCause(why)}. See "nestjs-resources ${command} --help".`);
  }
}

function checkPositionals(
  command: CommandName,
  { positionals }: CommandHelp,
  given: readonly string[],
): void {
  const missing = positionals.slice(given.length).find(({ needed }) => needed);
  if (missing !== undefined) fail(`"${command}" needs <${missing.name}>: ${missing.means}.`);
  if (given.length > positionals.length)
    fail(
      `"${command}" takes no ${quoteName(given[positionals.length])}. See "nestjs-resources ${command} --help".`,
    );
}

/** @param given with a unit, or milliseconds @returns milliseconds */
function durationOf(option: string, given: string | boolean | undefined): number | undefined {
  if (typeof given !== 'string') return undefined;
  try {
    return parseDuration(/^\d+$/.test(given) ? Number(given) : given, `--${option}`);
  } catch (error) {
    return fail(describeCause(error));
  }
}

function fail(message: string): never {
  throw new CliError(EXIT.usage, message);
}
