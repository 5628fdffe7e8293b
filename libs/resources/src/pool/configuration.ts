import { Secrets } from './creation/secrets.js';
import { checkIsFactory, handleOf, type ResourceFactory } from './factory/resource-factory.js';
import { mergePoolOptions, type PoolOptions } from './pool-options.js';

/** Reads a pool's options. @throws InvalidOptionsError naming the first that cannot work */
export type ReadOptions<S> = (options: PoolOptions, type: string, canValidate: boolean) => S;

/** What a type goes by. */
export interface TypeConfiguration {
  readonly factory: ResourceFactory<unknown>;
  /** As they were given. */
  readonly options: Readonly<PoolOptions>;
}

/** What a pool goes by until it is reconfigured: its factory and its options, checked and read. */
export class Configuration<T, S> {
  readonly settings: S;
  /** The factory as it is called: another one, if the factory is, or where its credentials come from. */
  readonly handle: ResourceFactory<T>;

  private constructor(
    private readonly type: string,
    readonly factory: ResourceFactory<T>,
    /** As they were given. */
    readonly options: PoolOptions,
    private readonly read: ReadOptions<S>,
    before?: Configuration<T, S>,
  ) {
    checkIsFactory(factory, 'factory', type);
    const handle = factory === before?.factory ? before.handle : undefined;
    const plain = handle ?? handleOf(factory);
    this.settings = read(options, type, plain.validate !== undefined);
    const renewed = handle === undefined || !sameCredentials(before?.options, options);
    this.handle = renewed ? Secrets.handleOf(handleOf(factory), options.credentials) : handle;
  }

  /** @throws InvalidOptionsError when the factory or an option cannot work */
  static of<T, S>(
    type: string,
    factory: ResourceFactory<T>,
    options: PoolOptions,
    read: ReadOptions<S>,
  ): Configuration<T, S> {
    return new Configuration(type, factory, options, read);
  }

  /**
   * This configuration with a change. Options that are not given stay as they are.
   *
   * @throws InvalidOptionsError when the factory or a new value cannot work
   */
  changed(change: PoolOptions, factory: ResourceFactory<T> = this.factory): Configuration<T, S> {
    const { type, read } = this;
    return new Configuration(type, factory, mergePoolOptions(this.options, change), read, this);
  }
}

function sameCredentials(
  { credentials: before }: PoolOptions = {},
  { credentials: after }: PoolOptions,
): boolean {
  const names = ['secret', 'isAuthenticationError'] as const;
  return names.every((name) => before?.[name] === after?.[name]);
}
