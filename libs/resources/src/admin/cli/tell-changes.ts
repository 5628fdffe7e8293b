import type { Change, Difference } from '../admin-target.js';
import type { ChangeAnswer, DiffAnswer, HistoryAnswer } from '../commands/answers.js';
import { alignColumns, tellCell } from './text-table.js';

export function tellHistory({ types }: HistoryAnswer): string[] {
  const changed = types.filter(({ changes }) => changes.length > 0);
  if (changed.length === 0) return ['Nothing has been changed.'];
  return changed.flatMap(({ type, changes }, index) => [
    ...(index === 0 ? [] : ['']),
    `${tellCell(type)}:`,
    ...changes.flatMap(tellOne),
  ]);
}

export function tellDiff({ against, differences }: DiffAnswer): string[] {
  const other = against === 'code' ? 'the code' : 'the document';
  if (differences.length === 0) return [`What runs is what stands in ${other}.`];
  return [
    against === 'code' ? 'In the code -> what runs:' : 'What runs -> in the document:',
    ...tellDifferences(differences),
  ];
}

export function tellChange(
  { dryRun, outcome, version, cause, differences }: ChangeAnswer,
  asked: string,
): string[] {
  if (dryRun) {
    if (differences.length === 0) return [`${asked} would change nothing.`];
    return [`${asked} would change:`, ...tellDifferences(differences)];
  }
  const now = version === undefined || version === null ? '' : `; version ${tellCell(version)} is in force`;
  const why = cause === undefined ? '' : `: ${tellCell(cause)}`;
  return [`${asked}: ${tellCell(outcome)}${why}${now}.`, ...tellDifferences(differences)];
}

/** One line each. */
export function tellDifferences(differences: readonly Difference[]): string[] {
  const rows = differences.map(({ type, path, before, after }) => [
    `${tellCell(type)}.${tellCell(path)}`,
    `${tellCell(before)} -> ${tellCell(after)}`,
  ]);
  return alignColumns(rows).map((line) => `  ${line}`);
}

function tellOne({ version, at, by, outcome, cause, differences }: Change): string[] {
  const why = cause === undefined ? '' : `: ${tellCell(cause)}`;
  const who = by === undefined ? '' : `, by ${tellCell(by)}`;
  return [
    `  version ${tellCell(version)}, ${tellCell(at)}${who}: ${tellCell(outcome)}${why}`,
    ...tellDifferences(differences).map((line) => `  ${line}`),
  ];
}
