import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { ReconfigurationInProgressError } from '../../errors/reconfiguration-in-progress-error.js';
import type { Configuration, TypeConfiguration } from '../configuration.js';
import type { Dispatcher } from '../dispatcher.js';
import type { ResourceFactory } from '../factory/resource-factory.js';
import type { PoolOptions, PoolSettings } from '../pool-options.js';
import { checkSameReserve } from '../sizing/reserve-options.js';
import { type ChangeListener, Changeover, type ChangeoverHost } from './changeover.js';
import { type ChangeOutcome, GenerationChange } from './generation-change.js';
import type { ChangeSettings } from './reconfigure-options.js';

/** A change that has begun. */
export interface BegunChange {
  readonly before: TypeConfiguration;
  readonly after: TypeConfiguration;
  /** Changes to the next generation; `undefined` where all was data, which is in force already. */
  readonly run: ((giveUp: AbortSignal) => Promise<ChangeOutcome>) | undefined;
}

/** What is to be changed, and how the next generation takes over where there is one. */
export type Change<T> = [
  change: PoolOptions,
  factory: ResourceFactory<T> | undefined,
  settings: ChangeSettings,
];

/** What a pool goes by, and how that changes: data at once, and what makes resources with a change of generations. */
export class Reconfiguration<T> implements ChangeoverHost<T> {
  /** Is told of each configuration that comes into force. */
  onAdopted: ((configuration: Configuration<T, PoolSettings>) => void) | undefined = undefined;
  private changeover: Changeover<T> | undefined;

  /** @param configuration in force */
  constructor(
    public configuration: Configuration<T, PoolSettings>,
    private readonly dispatcher: Dispatcher<T>,
  ) {}

  /** At once, whatever it is. @throws InvalidOptionsError, ReconfigurationInProgressError; then nothing has changed */
  reconfigure(change: PoolOptions, factory?: ResourceFactory<T>): void {
    const changed = this.changed(change, factory);
    const { changeover } = this;
    if (changeover === undefined || !this.undecided) return this.adopt(changed);
    if (changed.handle !== this.configuration.handle) this.refuse();
    const changeOther = changeover.otherChanged(change);
    this.adopt(changed);
    changeOther();
  }

  /** The pool's part in the change to the next generation. @throws InvalidOptionsError; then nothing has changed */
  changeTo(
    change: PoolOptions,
    factory: ResourceFactory<T> | undefined,
    settings: ChangeSettings,
    listener: ChangeListener,
  ): Changeover<T> {
    const next = this.changed(change, factory);
    return (this.changeover = new Changeover(this.dispatcher, this, next, settings, listener));
  }

  /**
   * Changes what is data at once.
   *
   * @throws InvalidOptionsError, ReconfigurationInProgressError; then nothing has changed
   */
  begin(...[change, factory, settings]: Change<T>): BegunChange {
    const { type, time } = this.dispatcher;
    const before = this.configuration;
    const after = this.changed(change, factory);
    if (this.undecided) this.refuse();
    if (after.handle === before.handle) {
      refuseForData(settings, type);
      this.reconfigure(change);
      return { before, after, run: undefined };
    }
    const generationChange = new GenerationChange(type, time, settings);
    const changeover = this.changeTo(change, factory, settings, generationChange);
    return { before, after, run: (giveUp) => generationChange.run(changeover, giveUp) };
  }

  adopt(configuration: Configuration<T, PoolSettings>): void {
    const { dispatcher } = this;
    const { handle, settings } = configuration;
    dispatcher.replenisher.share.reserve(settings);
    this.configuration = configuration;
    dispatcher.time.ground.run(() => dispatcher.reconfigure(settings, handle));
    this.onAdopted?.(configuration);
  }

  /** Work with a resource has thrown. */
  workFailed(slot: Parameters<Changeover<T>['workFailed']>[0], error: unknown): void {
    this.changeover?.workFailed(slot, error);
  }

  /** Whether a change to the next generation is under way that may still go back. */
  get undecided(): boolean {
    return this.changeover?.undecided === true;
  }

  /** Whether it matters which work throws. */
  get watches(): boolean {
    return this.undecided || this.configuration.settings.isFatal !== undefined;
  }

  private changed(
    change: PoolOptions,
    factory: ResourceFactory<T> | undefined,
  ): Configuration<T, PoolSettings> {
    const changed = this.configuration.changed(change, factory);
    checkSameReserve(this.configuration.settings, changed.settings, this.dispatcher.type);
    return changed;
  }

  private refuse(): never {
    throw new ReconfigurationInProgressError(this.dispatcher.type);
  }
}

/** @throws InvalidOptionsError for an option that would have no effect on a change of data */
export function refuseForData({ given }: ChangeSettings, type: string): void {
  const [first] = given;
  if (first === undefined) return;
  const problem =
    'is for another factory, or another "credentials.secret". What is only data changes at once.';
  throw new InvalidOptionsError(first, problem, type);
}
