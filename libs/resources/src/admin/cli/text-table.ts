import { describeCause } from '../../words/describe-cause.js';
import { describeName } from '../../words/describe-name.js';

/** Most characters of a value in a line. */
const LONGEST = 300;

/** Rows as lines, each column as wide as its widest cell. Cells are printed as they are: tell foreign ones by {@link tellCell}. */
export function alignColumns(
  rows: readonly (readonly string[])[],
  numbers: readonly number[] = [],
): string[] {
  const widths = new Map<number, number>();
  for (const row of rows)
    for (const [column, cell] of row.entries())
      widths.set(column, Math.max(widths.get(column) ?? 0, cell.length));
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths.get(column) ?? 0;
        return numbers.includes(column) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

/** Whatever came over the socket, for a line on a terminal: escaped, and bounded. */
export function tellCell(value: unknown): string {
  if (value === undefined || value === null) return '-';
  if (typeof value === 'string') return describeName(value, LONGEST);
  return typeof value === 'object' ? describeName(JSON.stringify(value), LONGEST) : describeCause(value);
}

/** Milliseconds, as one would say it. */
export function tellDuration(ms: unknown): string {
  if (typeof ms !== 'number' || !Number.isFinite(ms)) return tellCell(ms);
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1_000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
