import { ResourceError } from '../../errors/resource-error.js';
import { isGroup } from '../../options/option-reader.js';
import { describeCause, isError } from '../../words/describe-cause.js';
import { describeName, quoteName } from '../../words/describe-name.js';
import type { AdminTarget } from '../admin-target.js';
import { type AdminAnswer, COMMAND_NAMES, type CommandName, type FailureCode } from '../protocol.js';
import { answerJson } from '../answer-json.js';
import { backup, diff, history, restore, rollback } from './changes.js';
import { CommandArguments } from './command-arguments.js';
import { drain } from './drain.js';
import { statusOf } from './status.js';
import { isA } from '../../words/is-a.js';

interface AdminCommand {
  readonly args: readonly string[];
  readonly run: (target: AdminTarget, args: CommandArguments) => unknown;
}

const COMMANDS: Readonly<Record<CommandName, AdminCommand>> = {
  status: { args: [], run: statusOf },
  history: { args: ['type'], run: history },
  backup: { args: ['values'], run: backup },
  diff: { args: ['document'], run: diff },
  restore: { args: ['document', 'dryRun', 'by'], run: restore },
  rollback: { args: ['type', 'version', 'dryRun', 'by'], run: rollback },
  drain: { args: ['deadline', 'dryRun', 'by'], run: drain },
};

/** What changes something when it is no dry run, and so is logged. */
const CHANGING: readonly string[] = ['restore', 'rollback', 'drain'] satisfies CommandName[];

class RefusedError extends Error {}

/** Answers one line of a client by another, whatever it says, and never rejects. */
export class AdminCommands {
  /** @param changing hears, before it is done, what somebody wants to change; on one line */
  constructor(
    private readonly target: AdminTarget,
    private readonly changing: (what: string) => void = () => undefined,
  ) {}

  /** For the greeting, which must not fail. */
  get phase(): string {
    try {
      return this.target.stats().phase;
    } catch {
      return 'unknown';
    }
  }

  async answer(line: string): Promise<string> {
    try {
      return answerJson({ answer: (await this.run(line)) ?? null } satisfies AdminAnswer);
    } catch (error) {
      return failureJson(codeOf(error), error);
    }
  }

  private async run(line: string): Promise<unknown> {
    const { command, args } = readRequest(line);
    const { run, args: names } = COMMANDS[command];
    const read = new CommandArguments(command, args, names);
    if (CHANGING.includes(command) && !read.flag('dryRun'))
      this.changing(`${command}, asked by ${describeName(read.text('by') ?? 'nobody who gave a name')}`);
    return await run(this.target, read);
  }
}

export function failureJson(code: FailureCode, cause: unknown): string {
  return answerJson({ failure: { code, message: describeCause(cause) } } satisfies AdminAnswer);
}

function readRequest(line: string): { command: CommandName; args: object } {
  let request: unknown;
  try {
    request = JSON.parse(line);
  } catch (error) {
    throw new RefusedError(`The request is no JSON: ${describeCause(error)}`);
  }
  if (!isGroup(request)) throw new RefusedError('The request is no object.');
  const { command, args = {} } = request as { command?: unknown; args?: unknown };
  const known = COMMAND_NAMES.find((name) => name === command);
  if (known === undefined)
    throw new RefusedError(
      `There is no command ${typeof command === 'string' ? quoteName(command) : describeName(command)}. Known: ${COMMAND_NAMES.join(', ')}.`,
    );
  if (!isGroup(args)) throw new RefusedError('The arguments are no object.');
  return { command: known, args };
}

function codeOf(error: unknown): FailureCode {
  if (!isError(error)) return 'failed';
  return isA(error, RefusedError) || isA(error, ResourceError) ? 'refused' : 'failed';
}
