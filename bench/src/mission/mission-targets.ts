import type { Target } from '../command/target.js';
import type { SourceName } from './session-source.js';

/** One way to come to sessions, over all rounds. */
export interface MissionFigures {
  /** Requests per second. */
  throughput: number;
  /** Median milliseconds until a session is there: one caller at a time, and in bursts. */
  quiet: number;
  burst: number;
  /** MiB on average, during the bursts. */
  application: number;
  sessions: number;
  /** MiB of both together, at the most. */
  peak: number;
  peakSessions: number;
}

/** The figures that the project was begun for. */
export function missionTargets(figures: ReadonlyMap<SourceName, MissionFigures>): Target[] {
  const ours = figures.get('one pool (ours)');
  const perRequest = figures.get('connecting per request');
  const perModule = figures.get('a pool per module (pg)');
  const faster = (what: string, of: (one: MissionFigures) => number): Target => ({
    what,
    bound: 50,
    kind: 'at most',
    unit: '%',
    measured: percentage(ours, perRequest, of),
  });
  const leaner = (
    what: string,
    other: MissionFigures | undefined,
    of: (one: MissionFigures) => number,
  ): Target => ({ what, bound: 70, kind: 'at most', unit: '%', measured: percentage(ours, other, of) });
  const total = ({ application, sessions }: MissionFigures): number => application + sessions;
  return [
    faster('time to acquire, against connecting for each request', ({ quiet }) => quiet),
    faster('time to acquire, against connecting for each request, 50 at once', ({ burst }) => burst),
    leaner('average memory, against connecting for each request', perRequest, total),
    leaner('peak memory, against connecting for each request', perRequest, ({ peak }) => peak),
    leaner('average memory, against a pool for each module', perModule, total),
    leaner('peak memory, against a pool for each module', perModule, ({ peak }) => peak),
  ];
}

function percentage(
  one: MissionFigures | undefined,
  other: MissionFigures | undefined,
  of: (figures: MissionFigures) => number,
): number | undefined {
  return one === undefined || other === undefined ? undefined : (of(one) / of(other)) * 100;
}
