import type { OptionChange } from '../../reports/change-info.js';
import type {
  ChangeAnswer,
  DiffAnswer,
  HistoryAnswer,
  RestoreAnswer,
  RollbackAnswer,
  TypeDifferences,
} from '../commands/answers.js';
import { alignColumns, tellCell } from './text-table.js';

export function tellHistory({ types }: HistoryAnswer): string[] {
  if (types.length === 0) return ['No resource types.'];
  return types.flatMap(({ type, changes }, index) => [
    ...(index === 0 ? [] : ['']),
    `${tellCell(type)}:`,
    ...changes.flatMap(tellOne),
  ]);
}

export function tellDiff({ against, types }: DiffAnswer): string[] {
  const other = against === 'code' ? 'the code' : 'the document';
  if (types.length === 0) return [`What runs is what stands in ${other}.`];
  return [
    against === 'code' ? 'In the code -> what runs:' : 'What runs -> in the document:',
    ...tellDifferences(types),
  ];
}

export function tellRollback(answer: RollbackAnswer, asked: string): string[] {
  const { type, what } = answer;
  const differences = tellDifferences([{ type, what }]);
  if (answer.dryRun) {
    const to = `would go back to version ${tellCell(answer.restores)}`;
    return [`${asked} ${to}${what.length === 0 ? ', and change nothing.' : ':'}`, ...differences];
  }
  const { outcome, version, cause } = answer;
  return [`${asked}: ${tellOutcome(outcome, cause)}${inForce(outcome, version)}.`, ...differences];
}

export function tellRestore({ dryRun, ...answer }: RestoreAnswer, asked: string): string[] {
  const { outcome, cause, types, untouched, values } = answer;
  const changing = types.filter(({ what }) => what.length > 0);
  const rest = [
    ...(untouched.length === 0
      ? []
      : [`Not in the document, and left alone: ${untouched.map(tellCell).join(', ')}.`]),
    ...(values.restored + values.expired === 0
      ? []
      : [`Values of the cache: ${tellCell(values.restored)} put back, ${tellCell(values.expired)} too old.`]),
  ];
  if (dryRun)
    return changing.length === 0
      ? [`${asked} would change nothing.`, ...rest]
      : [`${asked} would change:`, ...tellDifferences(changing), ...rest];
  return [
    `${asked}: ${tellOutcome(outcome, cause)}${changing.length === 0 ? '; there was nothing to change' : ''}.`,
    ...changing.flatMap((type) => [
      `${tellCell(type.type)}: ${tellCell(type.outcome)}${inForce(type.outcome, type.version)}`,
      ...tellDifferences([type]),
    ]),
    ...rest,
  ];
}

/** One line each. */
export function tellDifferences(types: readonly TypeDifferences[]): string[] {
  return indented(types.flatMap(({ type, what }) => rowsOf(what, `${tellCell(type)}.`)));
}

function tellOne({ version, kind, restores, at, by, what, outcome, cause }: ChangeAnswer): string[] {
  const who = by === undefined ? '' : `, by ${tellCell(by)}`;
  const to = restores === undefined ? '' : ` to version ${tellCell(restores)}`;
  return [
    `  version ${tellCell(version)}, ${tellCell(at)}${who}: ${tellCell(kind)}${to}, ${tellOutcome(outcome, cause)}`,
    ...indented(rowsOf(what)).map((line) => `  ${line}`),
  ];
}

function rowsOf(what: readonly OptionChange[], prefix = ''): string[][] {
  return what.map(({ option, before, after }) => [
    `${prefix}${tellCell(option)}`,
    `${tellValue(before)} -> ${tellValue(after)}`,
  ]);
}

function indented(rows: readonly string[][]): string[] {
  return alignColumns(rows).map((line) => `  ${line}`);
}

/** A value that is not given is the default. */
function tellValue(value: unknown): string {
  return value === undefined ? '(default)' : tellCell(value);
}

function tellOutcome(outcome: string, cause: unknown): string {
  return cause === undefined ? tellCell(outcome) : `${tellCell(outcome)}: ${tellCell(cause)}`;
}

function inForce(outcome: string, version: unknown): string {
  return outcome === 'applied' && version !== undefined ? `; version ${tellCell(version)} is in force` : '';
}
