import { describeName, listNames } from '../words/describe-name.js';
import { ResourceError } from './resource-error.js';

/** A resource type that was never registered, or a value that no pool has on loan. */
export class UnknownResourceError extends ResourceError {
  private constructor(
    message: string,
    type: string | undefined,
    /** The registered types. */
    readonly known: readonly string[],
  ) {
    super(message, { type });
  }

  /**
   * @param places who asked for the type: `OrdersService (constructor parameter 0)`
   * @param isCached whether there is a cached type of that name
   */
  static forType(
    type: string,
    known: readonly string[],
    places: readonly string[] = [],
    isCached = false,
  ): UnknownResourceError {
    const name = describeName(type);
    return new UnknownResourceError(
      `No resource type "${name}" is registered (known: ${list(known)}).${whoAsks(places)} ` +
        (isCached
          ? `It is a cached type: write @CachedResource("${name}", key), or acquireCached("${name}", key).`
          : `Check the spelling, add it to "resources" of ResourcesModule.forRoot(), or provide a @ResourceFactory("${name}") class.`),
      type,
      known,
    );
  }

  /** Like {@link forType}, for what changes a type's configuration, or tells of it. */
  static forConfigurationOf(type: string, known: readonly string[], isCached: boolean): UnknownResourceError {
    if (!isCached) return UnknownResourceError.forType(type, known);
    const name = describeName(type);
    return new UnknownResourceError(
      `No pooled resource type "${name}" is registered (known: ${list(known)}). It is a cached type, and has no configuration that could be ` +
        'changed: remove what is to be made anew from the cache, and the next caller makes it.',
      type,
      known,
    );
  }

  /** Like {@link forType}, for a cached resource type. @param isPooled whether there is a pooled type of that name */
  static forCachedType(
    type: string,
    known: readonly string[],
    places: readonly string[] = [],
    isPooled = false,
  ): UnknownResourceError {
    const name = describeName(type);
    return new UnknownResourceError(
      `No cached resource type "${name}" is registered (known: ${list(known)}).${whoAsks(places)} ` +
        (isPooled
          ? `It is a pooled type: write @PooledResource("${name}"), or acquire("${name}").`
          : `Check the spelling, add it to "cachedResources" of ResourcesModule.forRoot(), or provide a @CachedResourceFactory("${name}") class.`),
      type,
      known,
    );
  }

  static forResource(known: readonly string[]): UnknownResourceError {
    return new UnknownResourceError(
      `release() was given something that is neither a lease nor a resource on loan here (pools: ${list(known)}). ` +
        `Give it the lease that acquire() returned; a lease may be released twice, an object from elsewhere can't.`,
      undefined,
      known,
    );
  }
}

function list(types: readonly string[]): string {
  return types.length === 0 ? 'none' : listNames(types);
}

function whoAsks(places: readonly string[]): string {
  return places.length === 0 ? '' : ` ${listNames(places)} ${places.length === 1 ? 'asks' : 'ask'} for it.`;
}
