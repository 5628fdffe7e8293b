import { History, versionOf } from '../../lifecycle/history/history.js';
import {
  configurationOf,
  diffOf,
  type TypeConfiguration,
} from '../../lifecycle/history/type-configuration.js';
import type { TypeHistory } from '../../lifecycle/history/type-history.js';
import type { ChangeSettings, ReconfigureOptions } from '../../pool/generations/reconfigure-options.js';
import type { ChangeInfo, OptionChange } from '../../reports/change-info.js';
import type { ReconfigurationReport } from '../../reports/reconfiguration-report.js';
import type { Clock } from '../../time/clock.js';
import type { NeutralGround } from '../../time/neutral-ground.js';
import { checkVersion, readRollbackOptions, type RollbackOptions } from './change-options.js';
import type { PoolRegistry } from '../pool-registry.js';
import { Reconfigurations, type TypeChange, type Wish } from './reconfigurations.js';

/**
 * Changes the configurations of pooled types and keeps their history. Whatever goes back to a former one comes through here, one after the
 * other: two operators at a time would each undo half of what the other has done.
 */
export class ConfigurationChanges {
  readonly history: History;
  private readonly reconfigurations: Reconfigurations;
  private turn: Promise<unknown> = Promise.resolve();

  /** @param keep changes of each type, a count of at least 1 */
  constructor(
    private readonly registry: PoolRegistry,
    keep: number,
    private readonly clock: Clock,
    private readonly ground: NeutralGround,
  ) {
    this.history = new History(keep, clock);
    this.reconfigurations = new Reconfigurations(registry, this.history, clock);
  }

  /** Takes down how the types that are new here have been registered. */
  meetAll(): void {
    for (const [type, pool] of this.registry.pools) this.history.meet(type, () => configurationOf(pool));
  }

  /** The history of a type, up to date. @throws UnknownResourceError */
  historyOf(type: string): TypeHistory {
    const pool = this.registry.requireConfigurationOf(type);
    const history = this.history.meet(type, () => configurationOf(pool));
    history.notice(configurationOf(pool));
    return history;
  }

  /** @throws UnknownResourceError */
  infos(type: string): ChangeInfo[] {
    return this.historyOf(type).infos();
  }

  /** What differs from the configuration with which each type was registered; types that are as they were are left out. */
  drift(): Record<string, OptionChange[]> {
    const drifts = [...this.registry.pools].map(([type, pool]): [string, OptionChange[]] => {
      return [type, diffOf(this.historyOf(type).baseline, configurationOf(pool))];
    });
    return Object.fromEntries(drifts.filter(([, what]) => what.length > 0));
  }

  /** @throws UnknownResourceError, InvalidOptionsError, ReconfigurationInProgressError; then nothing has changed */
  reconfigure<T>(
    type: string,
    change: TypeChange<T>,
    options?: ReconfigureOptions<T>,
  ): Promise<ReconfigurationReport> {
    return this.reconfigurations.reconfigure(type, change, options);
  }

  /**
   * Puts a former configuration in force again. What is being changed meanwhile is given up first.
   *
   * @param version undefined for the one before the last change
   * @throws UnknownResourceError, UnknownVersionError, InvalidOptionsError
   */
  rollback(
    type: string,
    version: number | undefined,
    options: RollbackOptions,
  ): Promise<ReconfigurationReport> {
    return this.ground.run(async () => {
      const { by, settings } = readRollbackOptions(options, type);
      checkVersion(version, type);
      const target = versionOf(this.historyOf(type), type, version);
      const wish: Wish = { by, kind: 'rollback', restores: target.version };
      return await this.inTurn(() => this.apply(type, target, wish, settings));
    });
  }

  /** What {@link rollback} would do now. @throws what it would */
  planRollback(type: string, version: number | undefined): { version: number; what: OptionChange[] } {
    checkVersion(version, type);
    const target = versionOf(this.historyOf(type), type, version);
    const running = configurationOf(this.registry.require(type));
    return { version: target.version, what: diffOf(running, target) };
  }

  /** Runs work when all that has come before is done. */
  inTurn<R>(work: () => Promise<R>): Promise<R> {
    const mine = this.turn.then(work);
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  /**
   * The one place where a former configuration is put in force. What is being changed of the type is given up first. Never rejects: what goes
   * wrong stands in the report.
   *
   * @param settings of the generation that another factory begins
   */
  async apply(
    type: string,
    target: TypeConfiguration,
    wish: Wish,
    settings: ChangeSettings,
  ): Promise<ReconfigurationReport> {
    const start = this.clock.now();
    try {
      while (this.historyOf(type).pending !== undefined) await this.giveUp(type);
      const { current } = this.historyOf(type);
      const running = configurationOf(this.registry.requireConfigurationOf(type));
      if (diffOf(running, target).length > 0)
        return await this.reconfigurations.putInForce(type, target, wish, settings);
      return { type, version: current.version, outcome: 'applied', duration: this.clock.now() - start };
    } catch (cause) {
      return { type, version: 0, outcome: 'failed', cause, duration: this.clock.now() - start };
    }
  }

  /** What is being changed of a type is given up, or has ended, when it resolves. @throws UnknownResourceError */
  async giveUp(type: string): Promise<void> {
    await this.historyOf(type).pending?.giveUp();
  }
}
