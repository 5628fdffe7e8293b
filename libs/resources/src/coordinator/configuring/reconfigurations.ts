import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { ReconfigurationInProgressError } from '../../errors/reconfiguration-in-progress-error.js';
import { factoryOfType } from '../../hooks/factory-of-type.js';
import type { ChangeBeginning, History } from '../../lifecycle/history/history.js';
import {
  configurationOf,
  diffOf,
  type TypeConfiguration,
} from '../../lifecycle/history/type-configuration.js';
import { readCallersOptions } from '../../options/callers-options.js';
import type { ResourceFactory } from '../../pool/factory/resource-factory.js';
import {
  type ChangeSettings,
  type ReconfigureOptions,
  readReconfigureOptions,
} from '../../pool/generations/reconfigure-options.js';
import { changeTo, type PoolOptions } from '../../pool/pool-options.js';
import type { ReconfigurationReport } from '../../reports/reconfiguration-report.js';
import type { Clock } from '../../time/clock.js';
import type { RegisteredPool } from '../pool-registry.js';

/** What is changed of a type: options of its pool, and what makes its resources. */
export type TypeChange<T> = PoolOptions & { factory?: ResourceFactory<T> };

/** Why a configuration is put in force. */
export type Wish = Pick<ChangeBeginning, 'by' | 'kind' | 'restores'>;

/** Which pool serves a type; implemented by the registry. */
export interface ReconfigurationsHost {
  /** @throws UnknownResourceError */
  requireConfigurationOf(type: string): RegisteredPool;
}

/** What is changed of one type, once it is read. */
interface PoolChange {
  readonly options: PoolOptions;
  readonly factory: ResourceFactory<unknown> | undefined;
  readonly settings: ChangeSettings;
}

/** Changes types while they are in use: one change of a type at a time, each with a record in the history. */
export class Reconfigurations {
  private readonly underWay = new Set<RegisteredPool>();

  constructor(
    private readonly registry: ReconfigurationsHost,
    private readonly history: History,
    private readonly clock: Clock,
  ) {}

  /**
   * What is only data is in force when this returns its promise.
   *
   * @throws UnknownResourceError, InvalidOptionsError, ReconfigurationInProgressError; then nothing has changed
   */
  async reconfigure<T>(
    type: string,
    change: TypeChange<T>,
    options: ReconfigureOptions<T> = {},
  ): Promise<ReconfigurationReport> {
    const { factory, ...changed } = readCallersOptions(change, type, (given) => ({ ...given }));
    refuseMisplaced(changed, type);
    const settings = readReconfigureOptions(options, type);
    const ofType = factory === undefined ? undefined : factoryOfType(factory, type, this.clock);
    return await this.carryOut(type, { options: changed, factory: ofType, settings }, { by: settings.by });
  }

  /**
   * Puts a configuration in force as a whole, as a change of its own. What can't be applied stands in the report, and in the history.
   *
   * @param settings of the next generation, where it begins one
   * @throws UnknownResourceError
   */
  async putInForce(
    type: string,
    target: TypeConfiguration,
    wish: Wish,
    settings: ChangeSettings,
  ): Promise<ReconfigurationReport> {
    const start = this.clock.now();
    const pool = this.registry.requireConfigurationOf(type);
    const options = changeTo(pool.options, target.options);
    try {
      return await this.carryOut(type, { options, factory: target.factory, settings }, wish);
    } catch (cause) {
      const record = this.history.begin(type, { before: configurationOf(pool), after: target, ...wish });
      record.end('failed', cause);
      return { type, version: record.version, outcome: 'failed', cause, duration: this.clock.now() - start };
    }
  }

  private async carryOut(
    type: string,
    { options, factory, settings }: PoolChange,
    wish: Wish,
  ): Promise<ReconfigurationReport> {
    const start = this.clock.now();
    const pool = this.registry.requireConfigurationOf(type);
    const history = this.history.meet(type, () => configurationOf(pool));
    if (this.underWay.has(pool)) throw new ReconfigurationInProgressError(type);
    history.notice(configurationOf(pool));
    const begun = pool.beginChange(options, factory, settings);
    const before = configurationOf({ configuration: begun.before });
    const after = configurationOf({ configuration: begun.after });
    const report = (version: number, outcome: ReconfigurationReport['outcome']): ReconfigurationReport => ({
      type,
      version,
      outcome,
      duration: this.clock.now() - start,
    });
    if (begun.run === undefined && diffOf(before, after).length === 0)
      return report(history.current.version, 'applied');
    const record = history.begin({ before, after, ...wish });
    this.underWay.add(pool);
    const { outcome, cause } = begun.run === undefined ? APPLIED : await begun.run(record.signal);
    this.underWay.delete(pool);
    record.end(outcome, cause);
    return cause === undefined
      ? report(record.version, outcome)
      : { ...report(record.version, outcome), cause };
  }
}

const APPLIED = { outcome: 'applied', cause: undefined } as const;

const OF_FACTORY = 'belongs in "factory", with all that the factory has.';
const OF_CREDENTIALS = 'belongs in "credentials".';

/** What has its place elsewhere in a change than who writes it may think. */
const PLACES: ReadonlyMap<string, string> = new Map([
  ...['create', 'destroy', 'validate', 'reset'].map((hook): [string, string] => [hook, OF_FACTORY]),
  ['pool', 'is no member of a change: write its options beside "factory".'],
  ['secret', OF_CREDENTIALS],
  ['isAuthenticationError', OF_CREDENTIALS],
]);

/** @throws InvalidOptionsError that says where it belongs */
function refuseMisplaced(change: object, type: string): void {
  for (const name of Object.keys(change)) {
    const problem = PLACES.get(name);
    if (problem !== undefined) throw new InvalidOptionsError(name, problem, type);
  }
}
