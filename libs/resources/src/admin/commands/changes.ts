import type { AdminTarget, Change, ChangeReport, Difference } from '../admin-target.js';
import { tellSafely } from '../tell-safely.js';
import type { ChangeAnswer, DiffAnswer, HistoryAnswer } from './answers.js';
import type { CommandArguments } from './command-arguments.js';
import { supported } from './unsupported-error.js';

/** What has been changed of one type, or of all that have ever changed. */
export function history(target: AdminTarget, args: CommandArguments): HistoryAnswer {
  const read = historyOf(target);
  const type = args.text('type');
  if (type !== undefined) return { types: [{ type, changes: read(type) }] };
  const { pools } = target.stats();
  return { types: Object.keys(pools).map((name) => ({ type: name, changes: read(name) })) };
}

export async function backup(target: AdminTarget, args: CommandArguments): Promise<unknown> {
  return await supported(target.backup, 'backup')(args.flag('values'));
}

/** Of what runs against the code, or against a document that was backed up. */
export async function diff(target: AdminTarget, args: CommandArguments): Promise<DiffAnswer> {
  if (!args.has('document')) return { against: 'code', differences: supported(target.drift, 'drift')() };
  const { differences = [] } = await supported(target.restore, 'restore')(args.anything('document'), {
    dryRun: true,
    by: undefined,
  });
  return { against: 'document', differences };
}

export async function restore(target: AdminTarget, args: CommandArguments): Promise<ChangeAnswer> {
  const how = { dryRun: args.flag('dryRun'), by: args.text('by') };
  const report = await supported(target.restore, 'restore')(args.anything('document'), how);
  return answerOf(report, how.dryRun);
}

export async function rollback(target: AdminTarget, args: CommandArguments): Promise<ChangeAnswer> {
  const [type, version, by] = [args.neededText('type'), args.number('version'), args.text('by')];
  const go = supported(target.rollback, 'rollback');
  if (args.flag('dryRun')) {
    const differences = undone(historyOf(target)(type), version);
    return { dryRun: true, outcome: undefined, version, cause: undefined, differences };
  }
  return answerOf(await go(type, version, by), false);
}

function historyOf(target: AdminTarget): (type: string) => readonly Change[] {
  const read = supported(target.history, 'history');
  return (type) =>
    read(type).map(({ version, at, by, outcome, cause, differences }) => {
      return {
        version,
        at,
        by,
        outcome,
        cause: cause === undefined ? undefined : tellSafely(cause),
        differences,
      };
    });
}

/** What a rollback takes back, the newest first. Without a version, that is the last change that is in force. */
function undone(changes: readonly Change[], version: number | undefined): Difference[] {
  const inForce = changes.filter(({ outcome }) => outcome === 'applied').toReversed();
  const taken = version === undefined ? inForce.slice(0, 1) : inForce.filter((c) => c.version > version);
  return taken.flatMap(({ differences }) =>
    differences.map(({ type, path, before, after }) => ({ type, path, before: after, after: before })),
  );
}

function answerOf(report: ChangeReport, dryRun: boolean): ChangeAnswer {
  const { outcome, version, cause, differences = [] } = report;
  return {
    dryRun,
    outcome: dryRun ? undefined : outcome,
    version,
    cause: cause === undefined ? undefined : tellSafely(cause),
    differences,
  };
}
