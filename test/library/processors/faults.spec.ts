import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { forkTypeScript } from '../../typescript/fork-typescript.fixture.js';
import { ALL_CELLS, type Cell, expectedOf, FEW_CELLS, type Seen } from './fault-cells.fixture.js';

/** Milliseconds in which whatever happens must be over, on a busy machine. */
const BOUND = 5_000;

const cells = process.env.PROCESSOR_FAULTS === 'all' ? ALL_CELLS : FEW_CELLS;
const nameOf = ({ form, fault, end }: Cell): string => `${form} ${fault} ${end}`;

describe('a bad end', () => {
  const seen = new Map<string, Seen>();
  let child: ChildProcess | undefined;

  beforeAll(async () => {
    child = forkTypeScript(new URL('faults.fixture.ts', import.meta.url));
    child.on('message', (one: Seen) => seen.set(nameOf(one.cell), one));
    child.send(cells);
    await once(child, 'exit');
  }, 240_000);

  afterAll(() => void child?.kill('SIGKILL'));

  it.each(cells)(
    'of a $form that "$fault" and whose caller "$end" costs nobody else, and is over soon',
    (cell) => {
      const one = seen.get(nameOf(cell));
      if (one === undefined) throw new Error('it has never come to its end');
      const { outcome, took, beside, after, left, threads, unhandled } = one;
      const broken = cell.fault === 'throwsAtImport';
      expect(expectedOf(cell)).toContain(outcome);
      expect(took).toBeLessThan(BOUND);
      expect([beside, after]).toEqual([
        broken ? '' : 'well',
        broken || cell.end === 'shutdown' ? '' : 'well',
      ]);
      expect({ left, threads, unhandled }).toEqual({ left: [0, 0, 0, 0], threads: 0, unhandled: [] });
    },
  );
});
