import { Keyv, type KeyvStoreAdapter } from 'keyv';
import { describeValue } from '../../words/describe-value.js';
import type { OptionReader } from '../../options/option-reader.js';

/** A secondary store: a Keyv, or what a Keyv can stand on, such as a `KeyvRedis` or a `Map`. */
export type CacheStoreOption = Keyv | KeyvStoreAdapter | Map<unknown, unknown>;

const METHODS = ['get', 'set', 'delete', 'clear'] as const;

/** The Keyv that was made for a store, so that caches which share the store share the Keyv, too. */
const made = new WeakMap<object, Keyv>();

/** @throws InvalidOptionsError when one is nothing that a Keyv is or can stand on */
export function readStores(read: OptionReader, stores: readonly CacheStoreOption[] = []): readonly Keyv[] {
  if (!Array.isArray(stores))
    read.fail('stores', `must be an array of Keyv instances; got ${describeValue(stores)}.`);
  return stores.map((store, index) => readStore(read, `stores[${index}]`, store));
}

function readStore(read: OptionReader, option: string, store: unknown): Keyv {
  if (typeof store !== 'object' || store === null)
    read.fail(option, `must be a Keyv instance; got ${describeValue(store)}.`);
  for (const name of METHODS) {
    if (typeof Reflect.get(store, name) !== 'function')
      read.fail(option, `must be a Keyv instance; it has no ${name}().`);
  }
  if ('primary' in store && 'secondary' in store)
    read.fail(
      option,
      'is a Cacheable, which keeps values in memory, as this cache does. Give its Keyv that stands behind it: cacheable.secondary.',
    );
  return isKeyv(store) ? store : keyvOn(store as KeyvStoreAdapter); // it has what a Keyv asks for
}

/** Whether it is a Keyv, of whatever copy and version: a storage adapter keeps no stats, and answers with what it was given. */
function isKeyv(store: object): store is Keyv {
  return 'getRaw' in store || ('opts' in store && 'hooks' in store && 'stats' in store);
}

function keyvOn(store: KeyvStoreAdapter): Keyv {
  let keyv = made.get(store);
  if (keyv === undefined) {
    keyv = new Keyv({ store, throwOnErrors: true }); // or nobody hears that a store fails
    made.set(store, keyv);
  }
  return keyv;
}
