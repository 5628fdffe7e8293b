import { beforeEach, describe, expect, it } from '@jest/globals';
import type { TransactionControl, TransactionEffect } from 'nestjs-resources';
import {
  checkTransactionControl,
  type CheckTransactionControlOptions,
  type ControlFinding,
  UnsafeTransactionControlError,
} from 'nestjs-resources/testing';
import {
  Conflict,
  ConnectionLost,
  Notebook,
  NotebookControl,
  type NotebookSession,
} from './notebook.fixture.js';

type Control = TransactionControl<NotebookSession>;

const options: CheckTransactionControlOptions<NotebookSession> = {
  write: (session, name) => session.write(name),
  has: (session, name) => session.has(name),
  fail: (session) => session.fail(),
  conflict: (first, second) => {
    first.write('of the first');
    second.write('of the second');
  },
  lose: (session) => {
    session.loses = true;
  },
  within: '50ms',
};

const never = (): Promise<void> => new Promise(() => undefined);

/** Each wrong in one way, and what is found of that. */
const BROKEN: readonly [string, (right: NotebookControl) => Partial<Control>, object][] = [
  [
    'begins nothing',
    () => ({ begin: () => undefined, commit: () => undefined }),
    { check: 'commit', found: expect.stringContaining('before the commit') },
  ],
  [
    'throws in begin',
    () => ({ begin: () => Promise.reject(new Error('no')) }),
    { check: 'commit', found: 'it failed: no' },
  ],
  [
    'keeps nothing at the commit',
    (right) => ({ commit: (session) => right.rollback(session) }),
    { check: 'commit', found: 'it is not there' },
  ],
  [
    'answers before it has committed',
    (right) => ({
      commit: (session) => {
        const commit = async (): Promise<void> => right.commit(session);
        setTimeout(() => void commit().catch(() => undefined), 20);
      },
    }),
    { check: 'commit', found: 'it is not there' },
  ],
  ['never settles a commit', () => ({ commit: never }), { check: 'commit', found: 'it has not settled' }],
  [
    'begins the next one at the commit',
    (right) => ({
      begin: (session, terms) => {
        right.rollback(session);
        right.begin(session, terms);
      },
      commit: (session) => {
        right.commit(session);
        right.begin(session, {});
      },
    }),
    { check: 'commit', found: expect.stringContaining('still open') },
  ],
  [
    'keeps all at the rollback',
    (right) => ({ rollback: (session) => right.commit(session) }),
    { check: 'rollback', found: 'it is there' },
  ],
  [
    'does not end a transaction at the rollback',
    () => ({ rollback: ({ transaction }) => void transaction?.written.splice(0) }),
    { check: 'rollback', found: 'it failed: there is one already' },
  ],
  [
    'ignores the isolation',
    (right) => ({ begin: (session, { readOnly }) => right.begin(session, { readOnly }) }),
    { check: 'terms', found: 'it finds what was written meanwhile' },
  ],
  [
    'ignores the access',
    (right) => ({ begin: (session, { isolation }) => right.begin(session, { isolation }) }),
    { check: 'terms', found: 'it was written' },
  ],
  [
    'keeps the terms for the next transaction',
    (right) => {
      let readOnly = false;
      return {
        begin: (session, terms) => {
          readOnly ||= terms.readOnly === true;
          right.begin(session, { ...terms, readOnly });
        },
      };
    },
    { check: 'terms', done: expect.stringContaining('without terms') },
  ],
  [
    'calls a commit that was rolled back a success',
    (right) => ({
      commit: (session) =>
        session.transaction?.failed === true ? right.rollback(session) : right.commit(session),
    }),
    { check: 'failure', found: 'commit succeeded, and what was written is not there' },
  ],
  [
    'calls it unknown that nothing was committed',
    (right) => ({
      effectOf: (error) =>
        right.effectOf(error) ??
        (error instanceof Error && error.message.includes('rolled back') ? 'unknown' : undefined),
    }),
    { check: 'failure', found: expect.stringContaining("'unknown'") },
  ],
  [
    'leaves a transaction open when its commit fails',
    (right) => ({
      commit: (session) => {
        if (session.transaction?.failed === true) throw new Error('rolled back');
        right.commit(session);
      },
      rollback: (session) => {
        if (session.transaction?.failed !== true) right.rollback(session);
      },
    }),
    { check: 'failure', done: 'called begin without terms' },
  ],
  [
    'undoes all at a rollback to a savepoint',
    (right) => ({
      rollbackTo: (session, name) => {
        right.rollbackTo(session, name);
        session.transaction?.written.splice(0);
      },
    }),
    { check: 'savepoint', found: 'it is gone', done: expect.stringContaining('before a savepoint') },
  ],
  [
    'undoes nothing at a rollback to a savepoint',
    () => ({
      rollbackTo: ({ transaction }) => {
        if (transaction !== undefined) transaction.failed = false;
      },
    }),
    { check: 'savepoint', found: 'it is there' },
  ],
  [
    'undoes what it releases',
    (right) => ({ release: (session, name) => right.rollbackTo(session, name) }),
    { check: 'savepoint', found: 'it is gone', done: expect.stringContaining('released') },
  ],
  [
    'cannot release a savepoint',
    () => ({ release: () => Promise.reject(new Error('no')) }),
    { check: 'savepoint', found: 'it failed: no' },
  ],
  [
    'has effectOf throw',
    () => ({ effectOf: (error) => ((error as Error).name === 'x' ? 'retry' : undefined) }),
    { check: 'effect', found: 'it throws' },
  ],
  [
    'would have anything tried again',
    () => ({ effectOf: () => 'retry' as const }),
    { check: 'effect', found: '"retry"' },
  ],
  [
    'does not know a conflict',
    () => ({ effectOf: (error) => (error instanceof ConnectionLost ? 'unknown' : undefined) }),
    { check: 'conflict', found: expect.stringContaining('no such thing') },
  ],
  [
    'does not know that an answer was lost',
    () => ({ effectOf: (error) => (error instanceof Conflict ? 'retry' : undefined) }),
    { check: 'lost answer', found: expect.stringContaining('effectOf says nothing') },
  ],
  [
    'would try again what may have been committed',
    () => ({
      effectOf: (error) =>
        error instanceof Conflict || error instanceof ConnectionLost ? 'retry' : undefined,
    }),
    { check: 'lost answer', found: expect.stringContaining("effectOf says 'retry'") },
  ],
  [
    'hangs when a connection is lost',
    (right) => ({ commit: (session) => (session.loses ? never() : right.commit(session)) }),
    { check: 'lost answer', found: 'it has not settled' },
  ],
  [
    'rolls back for ever when a connection is lost',
    (right) => ({ rollback: (session) => (session.loses ? never() : right.rollback(session)) }),
    { check: 'lost answer', done: expect.stringContaining('called rollback') },
  ],
];

describe('checkTransactionControl', () => {
  let notebook: Notebook;
  let open: number;

  beforeEach(() => {
    notebook = new Notebook();
    open = 0;
  });

  function factoryWith(transactions: Control | undefined) {
    return {
      create: () => {
        open++;
        return notebook.open();
      },
      destroy: () => void open--,
      transactions,
    };
  }

  async function findingsOf(change: Partial<Control>): Promise<readonly ControlFinding[]> {
    const right = new NotebookControl();
    const control: Control = {
      begin: (session, terms) => right.begin(session, terms),
      commit: (session) => right.commit(session),
      rollback: (session) => right.rollback(session),
      savepoint: (session, name) => right.savepoint(session, name),
      rollbackTo: (session, name) => right.rollbackTo(session, name),
      release: (session, name) => right.release(session, name),
      effectOf: (error) => right.effectOf(error),
      ...change,
    };
    const failure: unknown = await checkTransactionControl(factoryWith(control), options).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(UnsafeTransactionControlError);
    return (failure as UnsafeTransactionControlError).findings;
  }

  it('passes a control that does what it says, and leaves nothing open', async () => {
    const report = await checkTransactionControl(factoryWith(new NotebookControl()), options);
    expect(report).toEqual({
      checks: ['commit', 'rollback', 'terms', 'failure', 'savepoint', 'effect', 'conflict', 'lost answer'],
      refused: [],
    });
    expect(open).toBe(0);
  });

  it.each(BROKEN)('finds a control that %s', async (_, change, finding) => {
    const findings = await findingsOf(change(new NotebookControl()));
    expect(findings).toContainEqual(expect.objectContaining(finding));
    expect(open).toBe(0);
  });

  it('tries only what there are hooks and methods for, and tells what is refused', async () => {
    const right = new NotebookControl();
    const control: Control = {
      begin(session, terms) {
        if (terms.isolation !== undefined || terms.readOnly === true) throw new Error('not here');
        right.begin(session, {});
      },
      commit: (session) => right.commit(session),
      rollback: (session) => right.rollback(session),
    };
    const { write, has } = options;
    expect(await checkTransactionControl(factoryWith(control), { write, has })).toEqual({
      checks: ['commit', 'rollback', 'terms'],
      refused: ['REPEATABLE READ', 'SERIALIZABLE', 'read only'],
    });
  });

  it('says in its message what was done, expected and found, and what to do', async () => {
    const failure = checkTransactionControl(factoryWith(broken()), options);
    await expect(failure).rejects.toThrow(
      /^The control of transactions is not safe\.\n1\. effect: .+\n {3}expected: .+\n {3}found: .+\n {3}to do: .+/s,
    );
  });

  it.each<[string, unknown, string]>([
    ['has', { write: options.write }, 'looks for what was written'],
    ['write', { has: options.has }, 'writes something'],
    ['lose', { ...options, lose: true }, 'must be a function'],
    ['more', { ...options, more: 1 }, 'is not an option'],
    ['key', { ...options, key: 1 }, 'must be a string'],
  ])('refuses options with a wrong or missing "%s"', async (option, given, problem) => {
    const failure = checkTransactionControl(
      factoryWith(new NotebookControl()),
      given as CheckTransactionControlOptions<NotebookSession>,
    );
    await expect(failure).rejects.toMatchObject({ option, message: expect.stringContaining(problem) });
  });

  it('refuses a factory without transactions', async () => {
    await expect(checkTransactionControl(factoryWith(undefined), options)).rejects.toMatchObject({
      option: 'factory.transactions',
    });
  });

  it('throws what a hook throws', async () => {
    const broken = new Error('no such table');
    const failure = checkTransactionControl(factoryWith(new NotebookControl()), {
      ...options,
      write: () => Promise.reject(broken),
    });
    await expect(failure).rejects.toBe(broken);
    expect(open).toBe(0);
  });
});

function broken(): Control {
  return Object.assign(new NotebookControl(), { effectOf: (): TransactionEffect => 'retry' });
}
