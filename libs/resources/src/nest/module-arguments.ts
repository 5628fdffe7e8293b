import type { DynamicModule, FactoryProvider, Provider } from '@nestjs/common';
import { describeCause, isError } from '../words/describe-cause.js';
import { describeValue } from '../words/describe-value.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { isThenable } from '../hooks/is-thenable.js';
import { isGroup } from '../options/option-reader.js';
import { isPlainObject } from '../options/plain-object.js';
import type { ResourcesAsyncOptions, ResourcesExtras } from './resources.module-definition.js';
import { plainOptions, RESOURCES_OPTIONS, type ResourcesOptions } from './resources.options.js';

const ROOT = 'ResourcesModule.forRoot()';
const ROOT_ASYNC = 'ResourcesModule.forRootAsync()';

/** From one of these the options come, and Nest would silently prefer one to another. */
const SOURCES = ['useFactory', 'useClass', 'useExisting'] as const;
const KNOWN: readonly string[] = [
  ...SOURCES,
  'inject',
  'imports',
  'provideInjectionTokensFrom',
  'cacheManager',
];

/** @throws InvalidOptionsError if they are no options; what stands in them is read when the application starts */
export function checkRootOptions(options: ResourcesOptions & ResourcesExtras): void {
  if (isThenable(options))
    fail(ROOT, 'got a promise. Await it, or write forRootAsync({ useFactory: () => promise }).');
  if (typeof options === 'function')
    fail(ROOT, 'got a function. Write forRootAsync({ useFactory }), or call it.');
  if (!isGroup(options))
    fail(ROOT, `needs options, such as { resources: { pg: factory } }; got ${describeValue(options)}.`);
  const source = SOURCES.find((name) => Object.hasOwn(options, name));
  if (source !== undefined)
    fail(ROOT, `has "${source}", which belongs to forRootAsync(). Write that instead.`);
  checkCacheManager(ROOT, options);
}

/** @throws InvalidOptionsError if it does not say where the options come from */
export function checkAsyncOptions(options: ResourcesAsyncOptions<ResourcesOptions>): void {
  if (!isGroup(options))
    fail(ROOT_ASYNC, `needs { useFactory }, { useClass } or { useExisting }; got ${describeValue(options)}.`);
  const unknown = Object.keys(options).find((name) => !KNOWN.includes(name));
  if (unknown !== undefined)
    fail(
      ROOT_ASYNC,
      `has "${unknown}", which is never read there. Return it from "useFactory", or write forRoot(). Known members: ${KNOWN.join(', ')}.`,
    );
  const given = SOURCES.filter((name) => options[name] !== undefined);
  if (given.length !== 1)
    fail(
      ROOT_ASYNC,
      `needs one of "useFactory", "useClass" and "useExisting"; got ${given.length === 0 ? 'none' : given.join(' and ')}.`,
    );
  for (const name of ['useFactory', 'useClass'] as const)
    if (options[name] !== undefined && typeof options[name] !== 'function')
      fail(
        `${ROOT_ASYNC}.${name}`,
        `must be a ${name === 'useClass' ? 'class' : 'function'}; got ${describeValue(options[name])}.`,
      );
  if (options.inject !== undefined && !Array.isArray(options.inject))
    fail(`${ROOT_ASYNC}.inject`, `must be an array of tokens; got ${describeValue(options.inject)}.`);
  checkCacheManager(ROOT_ASYNC, options);
}

/** The names of the types that are defined, as far as they can be read; whether they can work is asked later. */
export function typesOf(definitions: unknown): string[] {
  return isPlainObject(definitions) ? Object.keys(definitions) : [];
}

/** The definition of a module whose options come later: what comes is looked at before anybody uses it. */
export function withCheckedOptions(definition: DynamicModule, isClass: boolean): DynamicModule {
  const { providers = [] } = definition;
  return {
    ...definition,
    providers: providers.map((provider) =>
      providesOptions(provider) ? checked(provider, isClass) : provider,
    ),
  };
}

function providesOptions(provider: Provider): provider is FactoryProvider<unknown> {
  return typeof provider === 'object' && provider.provide === RESOURCES_OPTIONS && 'useFactory' in provider;
}

/** @param isClass whether the options come from the method of a class, which is the only argument then */
function checked(provider: FactoryProvider<unknown>, isClass: boolean): FactoryProvider<unknown> {
  const source = isClass ? 'createResourcesOptions()' : 'useFactory';
  const useFactory = async (...args: unknown[]): Promise<unknown> => {
    if (
      isClass &&
      typeof (args[0] as { createResourcesOptions?: unknown })?.createResourcesOptions !== 'function'
    )
      fail(
        ROOT_ASYNC,
        'got a class without a method createResourcesOptions(), which returns the options. Add it.',
      );
    let options: unknown;
    try {
      options = await provider.useFactory(...args);
    } catch (error) {
      if (isError(error)) throw error;
      fail(
        ROOT_ASYNC,
        `got no options: ${source} threw what is not an error: ${describeCause(error)}. Throw an Error.`,
      );
    }
    if (!isGroup(options))
      fail(
        ROOT_ASYNC,
        `got no options: ${source} must return an object, and returned ${describeValue(options)} (is a "return" missing?).`,
      );
    return plainOptions(options);
  };
  return { ...provider, useFactory };
}

function checkCacheManager(at: string, { cacheManager }: { readonly cacheManager?: unknown }): void {
  if (cacheManager !== undefined && typeof cacheManager !== 'boolean')
    fail(`${at}.cacheManager`, `must be true or false; got ${describeValue(cacheManager)}.`);
}

function fail(at: string, problem: string): never {
  throw new InvalidOptionsError(at, problem);
}
