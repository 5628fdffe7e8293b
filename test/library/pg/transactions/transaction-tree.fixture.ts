import {
  type Arbitrary,
  array,
  boolean,
  constant,
  constantFrom,
  integer,
  letrec,
  oneof,
  option,
  record,
} from 'fast-check';
import type { Propagation } from 'nestjs-resources';
import type { Loss } from './cutting-proxy.fixture.js';

/** By which way a write comes to the session. */
export type Way = 'resource' | 'use' | 'acquire';

/** A method that is transactional, and what it does. */
export interface Transact {
  readonly do: 'transact';
  readonly propagation: Propagation;
  readonly isolation: 'REPEATABLE READ' | 'SERIALIZABLE' | undefined;
  readonly readOnly: true | undefined;
  /** Attempts beyond the first. */
  readonly retry: number;
  readonly steps: readonly Step[];
}

/** What code in a request does, one step after the other unless it says otherwise. */
export type Step =
  | { readonly do: 'write'; readonly way: Way }
  /** An error of the code's own. */
  | { readonly do: 'throw' }
  /** An error of the database, that is caught, or not. */
  | { readonly do: 'fail'; readonly caught: boolean }
  /** An error of the database for which one tries again: in the first attempts. */
  | { readonly do: 'conflict'; readonly code: '40001' | '40P01'; readonly attempts: number }
  /** A row that a constraint refuses, at the commit only. */
  | { readonly do: 'defer' }
  | { readonly do: 'rollback-only' }
  /** The connection is lost at this session's next commit. */
  | { readonly do: 'lose'; readonly loss: Loss }
  /** The server ends this session. */
  | { readonly do: 'kill' }
  /** The signal is aborted that the innermost transaction was given. */
  | { readonly do: 'abort' }
  /** All at once; all have settled before an error of one is thrown. */
  | { readonly do: 'together'; readonly branches: readonly (readonly Step[])[] }
  /** Goes on while nobody waits for it. */
  | { readonly do: 'spawn'; readonly steps: readonly Step[] }
  /** Errors are caught, and it goes on. */
  | { readonly do: 'try'; readonly steps: readonly Step[] }
  | Transact;

const PROPAGATION = oneof(
  often<Propagation>(5, constant('REQUIRED')),
  often<Propagation>(5, constant('NESTED')),
  often<Propagation>(3, constant('REQUIRES_NEW')),
  often<Propagation>(3, constantFrom<Propagation[]>('SUPPORTS', 'NOT_SUPPORTED', 'MANDATORY', 'NEVER')),
);

const WAY = constantFrom<Way[]>('resource', 'use', 'acquire');

/** How deep steps stand in each other at most. */
const DEPTH = { maxDepth: 6, depthSize: 'large' } as const;

const { step, transact: transaction } = letrec<{ step: Step; transact: Transact; steps: Step[] }>((tie) => ({
  steps: array(tie('step'), { maxLength: 3, size: 'max' }),
  transact: transact(tie('steps'), PROPAGATION),
  step: oneof(
    { ...DEPTH, withCrossShrink: true },
    often<Step>(12, record({ do: constant('write' as const), way: WAY })),
    often<Step>(2, record({ do: constant('throw' as const) })),
    often<Step>(1, record({ do: constant('fail' as const), caught: boolean() })),
    often<Step>(
      1,
      record({
        do: constant('conflict' as const),
        code: constantFrom('40001' as const, '40P01' as const),
        attempts: integer({ min: 1, max: 2 }),
      }),
    ),
    often<Step>(
      1,
      record({ do: constantFrom('defer' as const, 'rollback-only' as const, 'abort' as const) }),
    ),
    often<Step>(1, record({ do: constant('lose' as const), loss: constantFrom<Loss[]>('before', 'after') })),
    often<Step>(1, record({ do: constant('kill' as const) })),
    often<Step>(12, tie('transact')),
    often<Step>(
      6,
      record({ do: constant('together' as const), branches: array(tie('steps'), { maxLength: 3 }) }),
    ),
    often<Step>(1, record({ do: constant('spawn' as const), steps: tie('steps') })),
    often<Step>(4, record({ do: constant('try' as const), steps: tie('steps') })),
  ),
}));

/** What runs in one scope each, side by side. */
export const requests: Arbitrary<Step[][]> = array(
  array(oneof(often(3, transaction), often(1, step)), { minLength: 1, maxLength: 3 }),
  {
    minLength: 1,
    maxLength: 3,
  },
);

const WRITES: Step = { do: 'write', way: 'use' };

function required(...steps: Step[]): Transact {
  return {
    do: 'transact',
    propagation: 'REQUIRED',
    isolation: undefined,
    readOnly: undefined,
    retry: 0,
    steps,
  };
}

/** What is tried first, because chance seldom comes upon it: what fails in a transaction, and is told nobody. */
export const KNOWN: Step[][][] = [
  [[required(WRITES, { do: 'try', steps: [required(WRITES, { do: 'throw' })] }, WRITES)]],
  [[required(WRITES, { do: 'fail', caught: true })]],
  [[required(WRITES, { do: 'rollback-only' })]],
  [[required(WRITES, { do: 'defer' })]],
];

function transact(steps: Arbitrary<Step[]>, propagation: Arbitrary<Propagation>): Arbitrary<Transact> {
  return record({
    do: constant('transact' as const),
    propagation,
    isolation: option(constantFrom('REPEATABLE READ' as const, 'SERIALIZABLE' as const), {
      nil: undefined,
      freq: 6,
    }),
    readOnly: option(constant(true as const), { nil: undefined, freq: 12 }),
    retry: oneof(often(5, constant(0)), often(1, constant(2))),
    steps,
  });
}

function often<T>(weight: number, arbitrary: Arbitrary<T>): { weight: number; arbitrary: Arbitrary<T> } {
  return { weight, arbitrary };
}
