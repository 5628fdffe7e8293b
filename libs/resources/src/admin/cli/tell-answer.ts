import type {
  DiffAnswer,
  DrainAnswer,
  HistoryAnswer,
  RestoreAnswer,
  RollbackAnswer,
  StatusAnswer,
} from '../commands/answers.js';
import type { CommandName } from '../protocol.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { safeJson } from './safe-json.js';
import { tellDiff, tellHistory, tellRestore, tellRollback } from './tell-changes.js';
import { tellDrain } from './tell-drain.js';
import { tellStatus } from './tell-status.js';

/** How an answer is printed, and what the program then ends with. */
interface Telling {
  readonly tell: (answer: never, asked: string) => string[];
  readonly exitCode: (answer: never) => ExitCode;
}

const done = (): ExitCode => EXIT.done;
const whether = (isDone: boolean): ExitCode => (isDone ? EXIT.done : EXIT.otherwise);

const TELLINGS: Readonly<Record<CommandName, Telling>> = {
  status: { tell: (answer: StatusAnswer) => tellStatus(answer), exitCode: done },
  history: { tell: (answer: HistoryAnswer) => tellHistory(answer), exitCode: done },
  backup: { tell: (document: unknown) => [safeJson(document)], exitCode: done },
  diff: {
    tell: (answer: DiffAnswer) => tellDiff(answer),
    exitCode: ({ types }: DiffAnswer) => whether(types.length === 0),
  },
  restore: {
    tell: tellRestore,
    exitCode: ({ dryRun, outcome }: RestoreAnswer) => whether(dryRun || outcome === 'applied'),
  },
  rollback: {
    tell: tellRollback,
    exitCode: (answer: RollbackAnswer) => whether(answer.dryRun || answer.outcome === 'applied'),
  },
  drain: {
    tell: (answer: DrainAnswer) => tellDrain(answer),
    exitCode: ({ dryRun, clean }: DrainAnswer) => whether(dryRun || clean === true),
  },
};

/**
 * @param asked what was asked for, in a word or two
 * @throws TypeError when the answer is not this command's
 */
export function tellAnswer(
  command: CommandName,
  answer: unknown,
  asked: string,
  json: boolean,
): { text: string; exitCode: ExitCode } {
  const { tell, exitCode } = TELLINGS[command];
  const given = answer as never; // by the protocol, this command's answer; what is none fails where it is read
  const text = json ? safeJson(answer) : tell(given, asked).join('\n');
  return { text: `${text}\n`, exitCode: exitCode(given) };
}
