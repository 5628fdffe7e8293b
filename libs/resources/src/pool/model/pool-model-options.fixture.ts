import {
  type Arbitrary,
  array,
  boolean,
  constant,
  constantFrom,
  integer,
  oneof,
  record,
  tuple,
} from 'fast-check';
import { type Hook, HOOKS, type Mood, type Moods } from '../moody-factory.fixture.js';
import type { PoolOptions } from '../pool-options.js';
import { byPriority, fair, fifo, inOrderPerTenant, lifo, type Order } from '../queue/queue-orders.fixture.js';

/** Options as counts and milliseconds, none left to its default. */
export interface ModelOptions {
  min: number;
  max: number;
  acquireTimeout: number;
  idleTimeout: number;
  maxLifetime: number;
  maxUses: number;
  maxLeaseTime: number;
  maxWaiting: number;
  validation: {
    onBorrow: boolean;
    aliveBypass: number;
    onReturn: boolean;
    timeout: number;
    keepAlive: number;
  };
  creation: {
    concurrency: number;
    timeout: number;
    retry: { attempts: number; delay: number; maxDelay: number };
    breaker: { failures: number; cooldown: number; maxCooldown: number };
  };
  retirement: { timeout: number };
  quota: { max: number };
  abandonment: { wait: number; max: number };
}

/** What one run of the model goes by. */
export interface PoolModelOptions {
  options: ModelOptions;
  /** Options that the model need not know to foresee what happens. */
  more?: PoolOptions;
  /** What the factory has, besides `create` and `destroy`. */
  hooks: readonly Hook[];
  moods: Moods;
  order: Order;
  /** Only who has waited for so many milliseconds may be shed. Default: nobody. */
  shedAfter?: number;
}

/** A row of the table: pools of one kind. What it does not give varies over all that a pool allows. */
export interface PoolKind {
  name: string;
  options?: { [K in keyof ModelOptions]?: Arbitrary<ModelOptions[K]> };
  more?: PoolOptions;
  hooks?: readonly Hook[];
  moods?: Arbitrary<Mood>;
  order?: Order;
  shedAfter?: number;
}

const unlimitedOr = (min: number, max: number): Arbitrary<number> =>
  oneof(constant(Infinity), integer({ min, max }));

const never = constant(Infinity);

const sizes = tuple(integer({ min: 0, max: 2 }), integer({ min: 1, max: 4 })).map(([min, more]) => ({
  min,
  max: Math.max(min, more),
}));

/** Every option, over the values at which something happens within some hundred milliseconds. */
export const anyOption = {
  acquireTimeout: integer({ min: 1, max: 400 }),
  idleTimeout: unlimitedOr(50, 400),
  maxLifetime: unlimitedOr(50, 600),
  maxUses: unlimitedOr(1, 4),
  maxLeaseTime: unlimitedOr(50, 600),
  maxWaiting: unlimitedOr(0, 3),
} satisfies Partial<Record<keyof ModelOptions, Arbitrary<unknown>>>;

/** How abandoned resources are held, for a time or not at all. */
export const anyAbandonment = record({ wait: constantFrom(0, 40, 150), max: constantFrom(0, 0.5, 1) });

const policies = {
  validation: record({
    onBorrow: boolean(),
    aliveBypass: constantFrom(0, 40),
    onReturn: boolean(),
    timeout: constant(80),
    keepAlive: never,
  }),
  creation: record({
    concurrency: unlimitedOr(1, 2),
    timeout: constant(100),
    retry: constant({ attempts: 1, delay: 20, maxDelay: 60 }),
    breaker: constant({ failures: Infinity, cooldown: 40, maxCooldown: 90 }),
  }),
  retirement: record({ timeout: constant(60) }),
  quota: constant({ max: Infinity }),
  abandonment: anyAbandonment,
};

/** A number beyond a hook's time limit makes it end too late. */
const anyMood: Arbitrary<Mood> = oneof(
  { weight: 6, arbitrary: constant<Mood>('ok') },
  { weight: 6, arbitrary: constant<Mood>('ok later') },
  { weight: 2, arbitrary: integer({ min: 1, max: 150 }) },
  { weight: 2, arbitrary: constantFrom<Mood>('throws', 'throws later', 'no') },
  { weight: 1, arbitrary: constant<Mood>('hangs') },
);

const AGEING = 100;
const CO_DEL = { target: 20, interval: 60 };
const { validation, creation } = policies;
const keepingAlive = validation.chain((rest) =>
  integer({ min: 30, max: 200 }).map((keepAlive) => ({ ...rest, keepAlive })),
);
const withRetry = tuple(creation, integer({ min: 2, max: 3 })).map(([rest, attempts]) => ({
  ...rest,
  retry: { ...rest.retry, attempts },
}));
const withBreaker = tuple(creation, integer({ min: 1, max: 3 }), integer({ min: 1, max: 2 })).map(
  ([rest, failures, attempts]) => ({
    ...rest,
    retry: { ...rest.retry, attempts },
    breaker: { ...rest.breaker, failures },
  }),
);
const quota = unlimitedOr(1, 2).map((max) => ({ max }));

/** The kinds of pools that the model is run on. A new policy gets a row. */
export const POOL_KINDS: PoolKind[] = [
  {
    name: 'that never goes wrong',
    options: { maxLifetime: never, maxLeaseTime: never },
    hooks: [],
    moods: constantFrom<Mood>('ok', 'ok later'),
  },
  { name: 'whose factory only creates and destroys', hooks: [] },
  { name: 'that validates', hooks: ['validate'] },
  { name: 'that resets', hooks: ['reset'] },
  { name: 'of one resource', options: { max: constant(1), min: constantFrom(0, 1) } },
  { name: 'with all hooks' },
  { name: 'that keeps a resource ahead', more: { minIdle: 1 } },
  { name: 'that keeps idle resources alive', options: { validation: keepingAlive } },
  { name: 'that tries again to create', options: { creation: withRetry } },
  { name: 'that suspends creation', options: { creation: withBreaker } },
  { name: 'that serves the last who came', more: { queue: { order: 'lifo' } }, order: lifo },
  {
    name: 'with priorities',
    more: { queue: { order: 'priority', ageing: AGEING } },
    order: byPriority(AGEING),
  },
  { name: 'that is fair to tenants', more: { queue: { order: 'fair' } }, order: fair },
  { name: 'with a quota', options: { quota }, order: inOrderPerTenant },
  { name: 'that sheds callers', more: { queue: { coDel: CO_DEL } }, shedAfter: 2 * CO_DEL.target },
  { name: 'that looks for leaks', more: { leaks: { warnAfter: 100, stack: 'always' } } },
];

/** All that a run on a pool of this kind may go by. */
export function settingsOf(kind: PoolKind): Arbitrary<PoolModelOptions> {
  const { hooks = HOOKS, moods = anyMood, order = fifo, more, shedAfter } = kind;
  const options = sizes.chain((size) =>
    record({
      min: constant(size.min),
      max: constant(size.max),
      ...anyOption,
      ...policies,
      ...kind.options,
    }),
  );
  const script = (hook: Hook): Arbitrary<readonly Mood[]> =>
    hook === 'create' || hook === 'destroy' || hooks.includes(hook)
      ? array(moods, { maxLength: 30, size: 'max' })
      : constant([]);
  return record({
    options: options.map((all) => withoutValidation(all, hooks)),
    more: constant(more),
    hooks: constant(hooks),
    moods: record({
      create: script('create'),
      validate: script('validate'),
      reset: script('reset'),
      destroy: script('destroy'),
    }),
    order: constant(order),
    shedAfter: constant(shedAfter),
  });
}

/** Without the hook the options that need it are refused. */
function withoutValidation(options: ModelOptions, hooks: readonly Hook[]): ModelOptions {
  if (hooks.includes('validate')) return options;
  return {
    ...options,
    validation: { ...options.validation, onBorrow: false, onReturn: false, keepAlive: Infinity },
  };
}
