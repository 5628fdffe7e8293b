import { CACHE_OPTION_NAMES } from '../cache/cache-options.js';
import { type ResourceOverride, ResourceOverrides } from '../coordinator/resource-overrides.js';
import { describeValue } from '../words/describe-value.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { type FactoryMembers, refuseUnknownMembers } from '../options/definition-members.js';
import { checkIsFactory } from '../pool/factory/resource-factory.js';
import { DEFAULT_POOL_OPTIONS } from '../pool/pool-options.js';

/** What is needed of Nest's `TestingModuleBuilder`. */
export interface TestingBuilder {
  overrideProvider(token: unknown): { useValue(value: unknown): unknown };
}

const METHODS = ['create', 'validate', 'reset', 'destroy'];
/** Of what is given to a pooled type, and of what is given to a cached one: only the type itself knows which it is. */
const POOLED: FactoryMembers = {
  group: 'pool',
  methods: [...METHODS, 'cache'],
  options: Object.keys(DEFAULT_POOL_OPTIONS),
  startOptions: [],
  elsewhere: {},
};
const CACHED: FactoryMembers = {
  group: 'cache',
  methods: [...METHODS, 'pool'],
  options: CACHE_OPTION_NAMES,
  startOptions: [],
  elsewhere: {},
};

/** By builder, what it replaces. */
const overridden = new WeakMap<TestingBuilder, ResourceOverrides>();

/**
 * Gives a resource type another factory in a test, for all who borrow: handler parameters, constructor parameters and properties,
 * the coordinator, the keys of a keyed or cached type. It makes no difference where the application has its factory. The type keeps its
 * options, but for those given here. The application also captures where each lease was acquired, as with {@link traceLeases}.
 *
 * ```ts
 * const module = await overrideResource(Test.createTestingModule({ imports: [AppModule] }), 'pg', {
 *   create: () => new FakeClient(),
 * }).compile();
 * ```
 *
 * @param builder before its `compile()`
 * @param type a type of the application, pooled or cached; another fails the start with an UnknownResourceError
 * @param definition a factory, with options under `pool`, or `cache` for a cached type
 * @returns the builder
 * @throws InvalidOptionsError when the definition can't work, the builder is not one, or its module has been compiled
 */
export function overrideResource<B extends TestingBuilder, T>(
  builder: B,
  type: string,
  definition: ResourceOverride<T>,
): B {
  const at = `overrideResource('${type}')`;
  checkIsFactory(definition, at, type);
  const isCached = Object.keys(definition).some(
    (name) => !POOLED.options.includes(name) && CACHED.options.includes(name),
  );
  refuseUnknownMembers(definition, isCached ? CACHED : POOLED, true, at, type);
  overridesOf(builder).add(type, definition);
  return builder;
}

/**
 * Lets an application capture where each of its leases is acquired, as `leaks: { stack: 'always' }` does for one type: `expectNoLeases()` then
 * names the place.
 *
 * @param builder before its `compile()`
 * @returns the builder
 * @throws InvalidOptionsError when the builder is not one
 */
export function traceLeases<B extends TestingBuilder>(builder: B): B {
  overridesOf(builder);
  return builder;
}

function overridesOf(builder: TestingBuilder): ResourceOverrides {
  const known = overridden.get(builder);
  if (known !== undefined) return known;
  checkBuilder(builder);
  const overrides = new ResourceOverrides(true);
  builder.overrideProvider(ResourceOverrides).useValue(overrides);
  overridden.set(builder, overrides);
  return overrides;
}

function checkBuilder(builder: unknown): void {
  const { overrideProvider } = (builder ?? {}) as Partial<TestingBuilder>; // unchecked input
  if (typeof overrideProvider === 'function') return;
  const problem = `must be what Test.createTestingModule() has returned, before compile(); got ${describeValue(builder)}.`;
  throw new InvalidOptionsError('builder', problem);
}
