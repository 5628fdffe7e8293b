import type { ChangeInfo } from '../../reports/change-info.js';
import type { AdminTarget } from '../admin-target.js';
import { describeCause } from '../../words/describe-cause.js';
import type { ChangeAnswer, DiffAnswer, HistoryAnswer, RestoreAnswer, RollbackAnswer } from './answers.js';
import type { CommandArguments } from './command-arguments.js';

/** What has been changed of one type, or of all. */
export function history(target: AdminTarget, args: CommandArguments): HistoryAnswer {
  const type = args.text('type');
  const names = type === undefined ? Object.keys(target.stats().pools) : [type];
  return { types: names.map((name) => ({ type: name, changes: target.history(name).map(answerOf) })) };
}

export async function backup(target: AdminTarget, args: CommandArguments): Promise<unknown> {
  return await target.backup(args.flag('values'));
}

/** Of what runs against the code, or against a document that was backed up. */
export async function diff(target: AdminTarget, args: CommandArguments): Promise<DiffAnswer> {
  if (!args.has('document')) {
    const types = Object.entries(target.drift()).map(([type, what]) => ({ type, what }));
    return { against: 'code', types };
  }
  const { types } = await target.restore(args.anything('document'), { dryRun: true, by: undefined });
  const differing = types.filter(({ what }) => what.length > 0);
  return { against: 'document', types: differing.map(({ type, what }) => ({ type, what })) };
}

export async function restore(target: AdminTarget, args: CommandArguments): Promise<RestoreAnswer> {
  const how = { dryRun: args.flag('dryRun'), by: args.text('by') };
  const { outcome, types, untouched, values, cause } = await target.restore(args.anything('document'), how);
  return {
    dryRun: how.dryRun,
    outcome,
    types: types.map(({ type, what, version, outcome }) => ({ type, what, version, outcome })),
    untouched,
    values,
    cause: told(cause),
  };
}

export async function rollback(target: AdminTarget, args: CommandArguments): Promise<RollbackAnswer> {
  const [type, version, by] = [args.neededText('type'), args.number('version'), args.text('by')];
  if (args.flag('dryRun')) {
    const { version: restores, what } = target.planRollback(type, version);
    return { dryRun: true, type, restores, what };
  }
  const { outcome, version: made, cause, what } = await target.rollback(type, version, by);
  return { dryRun: false, type, outcome, version: made, what, cause: told(cause) };
}

function answerOf(change: ChangeInfo): ChangeAnswer {
  const { version, kind, restores, at, by, what, outcome, cause, duration } = change;
  return { version, kind, restores, at, by, what, outcome, cause: told(cause), duration };
}

function told(cause: unknown): string | undefined {
  return cause === undefined ? undefined : describeCause(cause);
}
