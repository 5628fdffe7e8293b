import { checkIsFactory, handleOf, type ResourceFactory } from './factory/resource-factory.js';
import { mergePoolOptions, type PoolOptions } from './pool-options.js';

/** Reads a pool's options. @throws InvalidOptionsError naming the first that cannot work */
export type ReadOptions<S> = (options: PoolOptions, type: string, canValidate: boolean) => S;

/** What a pool goes by until it is reconfigured: its factory and its options, checked and read. */
export class Configuration<T, S> {
  readonly settings: S;

  private constructor(
    private readonly type: string,
    private readonly factory: ResourceFactory<T>,
    /** The factory as it is called. */
    readonly handle: ResourceFactory<T>,
    /** As they were given. */
    readonly options: PoolOptions,
    private readonly read: ReadOptions<S>,
  ) {
    this.settings = read(options, type, handle.validate !== undefined);
  }

  /** @throws InvalidOptionsError when the factory or an option cannot work */
  static of<T, S>(
    type: string,
    factory: ResourceFactory<T>,
    options: PoolOptions,
    read: ReadOptions<S>,
  ): Configuration<T, S> {
    checkIsFactory(factory, 'factory', type);
    return new Configuration(type, factory, handleOf(factory), options, read);
  }

  /**
   * This configuration with a change. Options that are not given stay as they are.
   *
   * @throws InvalidOptionsError when the factory or a new value cannot work
   */
  changed(change: PoolOptions, factory: ResourceFactory<T> = this.factory): Configuration<T, S> {
    const { type, read } = this;
    checkIsFactory(factory, 'factory', type);
    const handle = factory === this.factory ? this.handle : handleOf(factory);
    return new Configuration(type, factory, handle, mergePoolOptions(this.options, change), read);
  }
}
