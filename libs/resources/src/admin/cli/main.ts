import type { Clock } from '../../time/clock.js';
import { systemClock } from '../../time/clock.js';
import { describeCause } from '../../words/describe-cause.js';
import { describeName } from '../../words/describe-name.js';
import type { AdminAnswer, FailureCode } from '../protocol.js';
import { type CommandLine, isJsonWished, readCommandLine } from './command-line.js';
import { CliError, EXIT, type ExitCode } from './exit-codes.js';
import { findProcess } from './find-process.js';
import { helpOf } from './help.js';
import { withProgress } from './progress.js';
import { requestOf } from './request-of.js';
import { safeJson } from './safe-json.js';
import { tellAnswer } from './tell-answer.js';

/** The environment variable that says where the socket is when `--socket` does not. */
const SOCKET_VARIABLE = 'NESTJS_RESOURCES_SOCKET';

/** Where the program stands. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** The version of the package. */
  readonly version: string;
  readonly stdin: NodeJS.ReadableStream;
  readonly clock?: Clock;
  stdout(text: string): void;
  stderr(text: string): void;
}

const CODES: Readonly<Record<FailureCode, ExitCode>> = {
  refused: EXIT.refused,
  failed: EXIT.failed,
  busy: EXIT.noProcess,
};

/**
 * The program `nestjs-resources`. What is asked for goes to stdout, everything else to stderr; with `--json`, stdout has one document in any
 * case.
 *
 * @param words of the command line, without the program
 * @returns its exit code; it never rejects
 */
export async function main(words: readonly string[], around: Surroundings): Promise<ExitCode> {
  try {
    return await run(words, around);
  } catch (error) {
    const { exitCode, message, details } =
      error instanceof CliError ? error : new CliError(EXIT.failed, describeCause(error));
    around.stderr(`nestjs-resources: ${message}\n`);
    if (isJsonWished(words)) around.stdout(`${safeJson({ error: { exitCode, message, ...details } })}\n`);
    return exitCode;
  }
}

async function run(words: readonly string[], around: Surroundings): Promise<ExitCode> {
  const wish = readCommandLine(words);
  if ('help' in wish) {
    if (words.length > 0) around.stdout(helpOf(wish.help));
    else around.stderr(helpOf(undefined));
    return words.length > 0 ? EXIT.done : EXIT.usage;
  }
  if ('version' in wish) {
    around.stdout(`${around.version}\n`);
    return EXIT.done;
  }
  if (around.platform === 'win32')
    throw new CliError(EXIT.noProcess, 'There are no admin sockets on Windows.');
  const { clock = systemClock } = around;
  const request = await requestOf(wish, around.stdin);
  const path = socketOf(wish, around);
  const isJson = wish.options['json'] === true;
  const progress = (line: string): void => (isJson ? undefined : around.stderr(`${line}\n`));
  const answer = await withProgress(wish.command, clock, progress, async () => {
    const client = await findProcess(path, wish.timeout, clock);
    return await client.ask(request);
  });
  const { text, exitCode } = tellAnswer(wish.command, contentOf(answer), askedBy(wish), isJson);
  around.stdout(text);
  return exitCode;
}

function socketOf({ options }: CommandLine, { environment }: Surroundings): string {
  const path = options['socket'] ?? environment[SOCKET_VARIABLE];
  if (typeof path === 'string' && path !== '') return path;
  throw new CliError(
    EXIT.usage,
    `Say where the application is: by --socket <path>, its option "admin.socket", or by the variable ${SOCKET_VARIABLE}.`,
  );
}

function askedBy({ command, positionals }: CommandLine): string {
  return [command, ...positionals.map((one) => describeName(one))].join(' ');
}

function contentOf({ failure, ...rest }: AdminAnswer): unknown {
  if (failure === undefined) return 'answer' in rest ? rest.answer : undefined;
  const { code, message } = failure;
  throw new CliError(CODES[code] ?? EXIT.failed, describeCause(message));
}
