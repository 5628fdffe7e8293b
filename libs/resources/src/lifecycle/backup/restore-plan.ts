import { InvalidBackupError } from '../../errors/invalid-backup-error.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { KeyedResourcePool } from '../../pool/keyed/keyed-resource-pool.js';
import { checkKeyedChange } from '../../pool/keyed/keyed-pool-settings.js';
import { changeTo } from '../../pool/pool-options.js';
import { checkSameReserve } from '../../pool/sizing/reserve-options.js';
import type { ResourceFactory } from '../../pool/factory/resource-factory.js';
import type { ResourcePool } from '../../pool/resource-pool.js';
import type { OptionChange } from '../../reports/change-info.js';
import { describeCause } from '../../words/describe-cause.js';
import { listNames, quoteName } from '../../words/describe-name.js';
import { CACHE_KINDS } from '../history/option-kinds.js';
import {
  configurationOf,
  diffOf,
  diffOfOptions,
  type TypeConfiguration,
} from '../history/type-configuration.js';
import type { TypeHistory } from '../history/type-history.js';
import type { StartSettings } from '../type-life.js';
import type { BackupDocument, BackupType } from './backup-document.js';
import { fromData } from './options-data.js';
import { checkStart } from './start-data.js';
import { FACTORY, type Fixed, resolveIn, resolveInFixed } from './references.js';
import { isA } from '../../words/is-a.js';

/** A pool of a type, with or without keys. */
export type TypePool = ResourcePool<unknown> | KeyedResourcePool<unknown>;

/** What there is to be restored. */
export interface Restorable {
  readonly pools: ReadonlyMap<string, TypePool>;
  readonly cachedTypes: ReadonlyMap<string, FixedType>;
  /** How a pooled type starts. @param type is registered */
  startOf(type: string): StartSettings;
  /** The cache for values. */
  readonly cache: Fixed;
  /** @param type is registered */
  historyOf(type: string): TypeHistory;
}

/** A cached type. */
export interface FixedType extends Fixed {
  readonly start: StartSettings;
}

/** What is to become of a type. */
export interface PlannedType {
  readonly type: string;
  readonly target: TypeConfiguration;
  readonly what: readonly OptionChange[];
  /** How many resources more than now it keeps, a count. */
  readonly growth: number;
}

/** The name of the cache for values, in references. */
export const CACHE = 'cache';

/**
 * Compares a document with what there is, and finds out as much as can be known before anything changes.
 *
 * @returns what is to become of each pooled type, in the document's order
 * @throws InvalidBackupError naming the first thing that can't be as the document says
 */
export function planOf(document: BackupDocument, there: Restorable): PlannedType[] {
  refuseTwice(document.resources, 'resources');
  refuseTwice(document.cachedResources, 'cachedResources');
  checkFixed(document.cache.options, there.cache, CACHE, 'cache');
  for (const [index, { type, factory, start, options }] of document.cachedResources.entries()) {
    const at = `cachedResources[${index}]`;
    const fixed = requireType(there.cachedTypes, type, at);
    resolveInFixed(type, fixed)(factory.reference, FACTORY, `${at}.factory`);
    checkStart(start, fixed.start, at, type);
    checkFixed(options, fixed, type, at);
  }
  return document.resources.map((entry, index) => plan(entry, `resources[${index}]`, there));
}

function plan(entry: BackupType, at: string, there: Restorable): PlannedType {
  const { type, origin } = entry;
  const pool = requireType(there.pools, type, at);
  const resolve = resolveIn(type, there.historyOf(type), origin);
  const target: TypeConfiguration = {
    // What a name stands for has been a factory, and options, before.
    factory: resolve(entry.factory.reference, FACTORY, `${at}.factory`) as ResourceFactory<unknown>,
    options: fromData(entry.options, resolve, `${at}.options`),
  };
  checkStart(entry.start, there.startOf(type), at, type);
  const running = configurationOf(pool);
  const what = diffOf(running, target);
  const growth = what.length === 0 ? 0 : growthOf(pool, target, at);
  return { type, target, what, growth };
}

/** @throws InvalidBackupError when the pool can't go by it */
function growthOf(pool: TypePool, { factory, options }: TypeConfiguration, at: string): number {
  const { type, configuration } = pool;
  if ((options.keyed === undefined) !== (configuration.options.keyed === undefined)) {
    const problem = `says whether ${quoteName(type)} has a pool for each key, and that can't be changed while it runs.`;
    throw new InvalidBackupError(`${at}.options.keyed`, problem, type);
  }
  try {
    const change = changeTo(configuration.options, options);
    if (!(pool instanceof KeyedResourcePool)) {
      const { settings } = pool.configuration.changed(change, factory);
      checkSameReserve(pool.configuration.settings, settings, type);
      return settings.minimum.min - pool.configuration.settings.minimum.min;
    }
    const { settings } = pool.configuration.changed(change, factory);
    checkKeyedChange(pool.configuration.settings, settings, pool.keys.length, type);
    return settings.minimum.min - pool.configuration.settings.minimum.min;
  } catch (error) {
    throw refusal(error, at, type);
  }
}

/** Of what a factory of the application's throws, nothing is told: it may be a secret. */
function refusal(error: unknown, at: string, type: string): InvalidBackupError {
  const option = isA(error, InvalidOptionsError) ? error.option : FACTORY;
  const isFactory = option === FACTORY || option.startsWith(`${FACTORY}.`);
  return isFactory
    ? new InvalidBackupError(`${at}.${FACTORY}`, 'names a factory that can not be used any more.', type)
    : new InvalidBackupError(
        `${at}.options.${option}`,
        `can't be in force here: ${describeCause(error)}`,
        type,
      );
}

/** @throws InvalidBackupError unless the document says just what is there */
function checkFixed(data: BackupDocument['cache']['options'], fixed: Fixed, type: string, at: string): void {
  const options = fromData(data, resolveInFixed(type, fixed), `${at}.options`);
  const [change] = diffOfOptions(fixed.options, options, CACHE_KINDS);
  if (change === undefined) return;
  const { option, before = 'not given', after = 'not given' } = change;
  throw new InvalidBackupError(
    `${at}.options.${option}`,
    `is ${after} in the backup and ${before} here, and options of a cache can't be changed while it runs. Change them in the code.`,
    type,
  );
}

function requireType<V>(registered: ReadonlyMap<string, V>, type: string, at: string): V {
  const found = registered.get(type);
  if (found !== undefined) return found;
  const known = registered.size === 0 ? 'none' : listNames([...registered.keys()]);
  throw new InvalidBackupError(
    `${at}.type`,
    `is ${quoteName(type)}, and no such type is registered here (known: ${known}). Register it first.`,
    type,
  );
}

function refuseTwice(entries: readonly { readonly type: string }[], at: string): void {
  const seen = new Set<string>();
  for (const [index, { type }] of entries.entries()) {
    if (seen.has(type))
      throw new InvalidBackupError(`${at}[${index}].type`, `names ${quoteName(type)} twice.`, type);
    seen.add(type);
  }
}
