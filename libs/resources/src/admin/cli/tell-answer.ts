import type {
  ChangeAnswer,
  DiffAnswer,
  DrainAnswer,
  HistoryAnswer,
  StatusAnswer,
} from '../commands/answers.js';
import type { CommandName } from '../protocol.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { safeJson } from './safe-json.js';
import { tellChange, tellDiff, tellHistory } from './tell-changes.js';
import { tellDrain } from './tell-drain.js';
import { tellStatus } from './tell-status.js';

/** How an answer is printed, and what the program then ends with. */
interface Telling {
  readonly tell: (answer: never, asked: string) => string[];
  readonly exitCode: (answer: never) => ExitCode;
}

const done = (): ExitCode => EXIT.done;
const whether = (isDone: boolean): ExitCode => (isDone ? EXIT.done : EXIT.otherwise);

const changed = {
  tell: tellChange,
  exitCode: ({ dryRun, outcome }: ChangeAnswer) => whether(dryRun || outcome === 'applied'),
};

const TELLINGS: Readonly<Record<CommandName, Telling>> = {
  status: { tell: (answer: StatusAnswer) => tellStatus(answer), exitCode: done },
  history: { tell: (answer: HistoryAnswer) => tellHistory(answer), exitCode: done },
  backup: { tell: (document: unknown) => [safeJson(document)], exitCode: done },
  diff: {
    tell: (answer: DiffAnswer) => tellDiff(answer),
    exitCode: ({ differences }: DiffAnswer) => whether(differences.length === 0),
  },
  restore: changed,
  rollback: changed,
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
