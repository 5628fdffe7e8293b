import type { CachedTypeStatus, LeaseStatus, StatusAnswer, TypeStatus } from '../commands/answers.js';
import { tellDifferences } from './tell-changes.js';
import { alignColumns, tellCell, tellDuration } from './text-table.js';

export function tellStatus(status: StatusAnswer): string[] {
  const { phase, types, cachedTypes, scopes, leased, leases, troubles, drift } = status;
  return [
    `Phase: ${tellCell(phase)}`,
    ...paragraph(types.length === 0 ? ['No resource types.'] : tellTypes(types)),
    ...(cachedTypes.length === 0 ? [] : paragraph(tellCachedTypes(cachedTypes))),
    ...paragraph([`${count(scopes, 'unit')} of work in progress; ${count(leased, 'lease')} on loan`]),
    ...tellLeases(leases, leased),
    ...paragraph(
      troubles.length === 0
        ? ['No trouble.']
        : [
            'Trouble:',
            ...troubles.map(
              ({ source, type, kind, since, count: times, cause }) =>
                `  ${tellCell(source)} ${tellCell(type)}: ${tellCell(kind)}, ${count(times, 'time')} since ${tellCell(since)}` +
                (cause === undefined ? '' : `: ${tellCell(cause)}`),
            ),
          ],
    ),
    ...paragraph(tellDrift(drift)),
  ];
}

/** Who holds what, the oldest first. @param all how many leases there are */
export function tellLeases(leases: readonly LeaseStatus[], all: number): string[] {
  const rows = leases.map(({ id, owner, age }) => [tellCell(id), tellDuration(age), tellCell(owner)]);
  const lines = alignColumns(rows, [1]).map((line) => `  ${line}`);
  return all > leases.length ? [...lines, `  and ${all - leases.length} younger`] : lines;
}

export function count(number: unknown, what: string): string {
  return `${tellCell(number)} ${what}${number === 1 ? '' : 's'}`;
}

function tellTypes(types: readonly TypeStatus[]): string[] {
  const hasPhases = types.some(({ phase }) => phase !== undefined);
  const head = ['type', 'phase', 'leased', 'idle', 'creating', 'waiting', 'min', 'max', 'breaker', 'failing'];
  const rows = types.map(({ type, phase, leased, idle, creating, pending, min, max, breaker, failing }) => [
    ...[type, phase, leased, idle, creating, pending, min, max, breaker].map(tellCell),
    failing === undefined ? '-' : `since ${tellCell(failing.since)}: ${tellCell(failing.cause)}`,
  ]);
  const all = [head, ...rows].map((row) => (hasPhases ? row : row.toSpliced(1, 1)));
  return alignColumns(all, hasPhases ? [2, 3, 4, 5, 6, 7] : [1, 2, 3, 4, 5, 6]);
}

function tellCachedTypes(types: readonly CachedTypeStatus[]): string[] {
  const rows = types.map(({ type, inUse, pending, size, hitRate }) => [
    ...[type, inUse, pending, size].map(tellCell),
    `${Math.round(hitRate * 100)} %`,
  ]);
  return alignColumns([['cached type', 'in use', 'waiting', 'size', 'hits'], ...rows], [1, 2, 3, 4]);
}

function tellDrift(drift: StatusAnswer['drift']): string[] {
  if (drift.length === 0) return ['The configuration is the one in the code.'];
  return ['Otherwise than in the code, which the next deploy brings back:', ...tellDifferences(drift)];
}

function paragraph(lines: readonly string[]): string[] {
  return ['', ...lines];
}
