import { ReconfigurationInProgressError } from '../errors/reconfiguration-in-progress-error.js';
import type { History } from '../lifecycle/history/history.js';
import { readCallersOptions } from '../options/callers-options.js';
import type { ResourceFactory } from '../pool/factory/resource-factory.js';
import { type ReconfigureOptions, readReconfigureOptions } from '../pool/generations/reconfigure-options.js';
import type { PoolOptions } from '../pool/pool-options.js';
import type { ReconfigurationReport } from '../reports/reconfiguration-report.js';
import type { Clock } from '../time/clock.js';
import type { RegisteredPool } from './pool-registry.js';

/** What is changed of a type: options of its pool, and what makes its resources. */
export type TypeChange<T> = PoolOptions & { factory?: ResourceFactory<T> };

/** Which pool serves a type; implemented by the registry. */
export interface ReconfigurationsHost {
  /** @throws UnknownResourceError */
  require(type: string): RegisteredPool;
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
   * @param by who says so
   * @throws UnknownResourceError, InvalidOptionsError, ReconfigurationInProgressError; then nothing has changed
   */
  async reconfigure<T>(
    type: string,
    change: TypeChange<T>,
    options: ReconfigureOptions<T> = {},
    by?: string,
  ): Promise<ReconfigurationReport> {
    const begun = this.clock.now();
    const { factory, ...changed } = readCallersOptions(change, type, (given) => ({ ...given }));
    const settings = readReconfigureOptions(options, type);
    const pool = this.registry.require(type);
    if (this.underWay.has(pool)) throw new ReconfigurationInProgressError(type);
    const { before, after, run } = pool.beginChange(changed, factory, settings);
    const record = this.history.begin(type, { before, after, by });
    this.underWay.add(pool);
    const { outcome, cause } = run === undefined ? APPLIED : await run();
    this.underWay.delete(pool);
    record.end(outcome, cause);
    const report = { type, version: record.version, outcome, duration: this.clock.now() - begun };
    return cause === undefined ? report : { ...report, cause };
  }
}

const APPLIED = { outcome: 'applied', cause: undefined } as const;
