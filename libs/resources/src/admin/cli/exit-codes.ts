/** How the command line ends. */
export const EXIT = {
  /** It is done. */
  done: 0,
  /** It is done, and is not what one would wish. */
  otherwise: 1,
  /** The command line is wrong, or a file of it can't be read. */
  usage: 2,
  /** No process was found that this program can ask, or several; nothing was asked of any. */
  noProcess: 3,
  /** The application refused, and nothing has changed. */
  refused: 4,
  /** It was asked for, and failed; or how it ended is not known. */
  failed: 5,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What each means, for the help. */
export const EXIT_CODES: readonly (readonly [ExitCode, string])[] = [
  [EXIT.done, 'done'],
  [
    EXIT.otherwise,
    'done, but: leases were left at the drain deadline, a change was not applied, or diff found differences',
  ],
  [EXIT.usage, 'the command line is wrong, or a file cannot be read; nothing was asked'],
  [
    EXIT.noProcess,
    'no process answers that can be asked, or several do and none was chosen; nothing was asked',
  ],
  [EXIT.refused, 'the application refuses; nothing has changed'],
  [EXIT.failed, 'it failed, or the connection was lost and how it ended is not known'],
];

/** Ends the command line with a message and a code. */
export class CliError extends Error {
  override readonly name = 'CliError';

  /** @param details what else a program may want to know, as plain data */
  constructor(
    readonly exitCode: ExitCode,
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}
