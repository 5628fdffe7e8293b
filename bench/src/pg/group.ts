import type { ContenderName } from './contenders.js';
import type { LoadFigures, Shape } from './load.js';
import { SESSIONS } from './sessions.js';

/** So many callers that most of them wait, or so few that nobody does. */
export const CALLERS = { saturated: 5 * SESSIONS, 'not saturated': SESSIONS / 2 } as const;
export type Level = keyof typeof CALLERS;
const LEVELS = ['saturated', 'not saturated'] as const satisfies Level[];

/** Contenders that are measured side by side. */
export interface Group {
  /** Each with the one that it is compared with. */
  readonly pairs: readonly (readonly [ContenderName, ContenderName])[];
  /** What is measured by a second process, too, and compared with itself. */
  readonly twice: ContenderName;
  /** By which shapes of load. */
  readonly shapes: readonly Shape[];
}

/** One way of putting load on a group. */
export interface LoadKind {
  readonly shape: Shape;
  readonly level: Level;
}

/** The second process of a group's {@link Group.twice}. */
export const AGAIN = 'again';
export type ProcessName = ContenderName | typeof AGAIN;

/** What the processes of a group have made of one kind of load, one beside the other. */
export interface Turn extends LoadKind {
  readonly figures: ReadonlyMap<ProcessName, LoadFigures>;
}

/** The kinds of load that a group is measured by. */
export function kindsOf({ shapes }: Group): LoadKind[] {
  return shapes.flatMap((shape) => LEVELS.map((level) => ({ shape, level })));
}
