import type { ResourceFactory } from '../../pool/factory/resource-factory.js';
import type { PoolOptions } from '../../pool/pool-options.js';
import type { OptionChange } from '../../reports/change-info.js';
import { type GroupKind, POOL_KINDS } from './option-kinds.js';
import { copyOptions, type GivenOption, givenOptions, HIDDEN, shown } from './option-values.js';

/** What a pooled type goes by. */
export interface TypeConfiguration {
  readonly factory: ResourceFactory<unknown>;
  /** Where they differ from the defaults. */
  readonly options: PoolOptions;
}

/** A pool, as far as it tells what it goes by. */
export interface Configured {
  readonly configuration: TypeConfiguration;
}

/** What a pool goes by now; a later change of it changes nothing here. */
export function configurationOf({ configuration: { factory, options } }: Configured): TypeConfiguration {
  return { factory, options: copyOptions(options, POOL_KINDS) };
}

/** What has changed from one configuration to another. A value is shown only if it is known to be harmless. */
export function diffOf(
  before: TypeConfiguration,
  after: TypeConfiguration,
  kind: GroupKind = POOL_KINDS,
): OptionChange[] {
  const factory =
    before.factory === after.factory ? [] : [{ option: 'factory', before: HIDDEN, after: HIDDEN }];
  return [...factory, ...diffOfOptions(before.options, after.options, kind)];
}

export function diffOfOptions(before: object, after: object, kind: GroupKind): OptionChange[] {
  const old = byName(givenOptions(before, kind));
  const next = byName(givenOptions(after, kind));
  const names = [...new Set([...old.keys(), ...next.keys()])];
  return names.flatMap((option): OptionChange[] => {
    const [was, is] = [old.get(option), next.get(option)];
    if (was !== undefined && is !== undefined && isSame(was, is)) return [];
    return [
      {
        option,
        ...(was !== undefined && { before: shown(was) }),
        ...(is !== undefined && { after: shown(is) }),
      },
    ];
  });
}

function byName(given: readonly GivenOption[]): Map<string, GivenOption> {
  return new Map(given.map((each) => [each.option, each]));
}

function isSame(was: GivenOption, is: GivenOption): boolean {
  return was.value === is.value || (was.kind.is === 'group' && is.kind.is === 'group');
}
