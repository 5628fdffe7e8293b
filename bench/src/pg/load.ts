import type { Server } from 'node:http';
import { answerOne, deadEnd } from '../http/unplugged.js';
import type { Loans } from './loans.js';

/** What is repeated: a loan alone, or a whole request through Nest that no network brings. */
export const SHAPES = ['loan', 'request'] as const;
export type Shape = (typeof SHAPES)[number];

export interface Load {
  readonly shape: Shape;
  /** A count: each asks again as soon as it has its answer. */
  readonly callers: number;
  /** All together, a count. */
  readonly loans: number;
}

export interface LoadFigures {
  /** Loans per second. */
  readonly rate: number;
  /** CPU microseconds of this process per loan. */
  readonly cpu: number;
}

/** Puts load on the application of this process. */
export async function measure(
  { shape, callers, loans: count }: Load,
  loans: Loans,
  server: Server,
): Promise<LoadFigures> {
  let left = count;
  const start = performance.now();
  const before = process.cpuUsage();
  const caller = async (): Promise<void> => {
    const socket = deadEnd();
    while (left-- > 0) await (shape === 'loan' ? loans.alone() : answerOne(server, socket));
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const { user, system } = process.cpuUsage(before);
  return { rate: (count * 1_000) / (performance.now() - start), cpu: (user + system) / count };
}
