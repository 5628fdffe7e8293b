import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as cacheManager from 'cache-manager';
import * as keyv from 'keyv';
import * as lightningPool from 'lightning-pool';
import ts from 'typescript';
import { PROJECT } from './document.fixture.js';

/*
 * What the installed peers offer to their users, read from their own files, so that the page on migration can't forget what
 * a new version of theirs brings.
 */

/** The public names of a peer, by what they are. */
export type Offer = Partial<Record<'export' | 'factory' | 'option' | 'member' | 'event' | 'hook', string[]>>;

type Loaded = Record<string, unknown> & { Pool: { prototype: object } };

const load = createRequire(import.meta.url) as (id: string) => unknown;

/** Each peer by the name of its package, which is its heading on the page. */
export const PEERS: Record<string, () => Offer> = {
  'generic-pool': () => {
    const loaded = load('generic-pool') as Loaded;
    return {
      export: exportsOf(loaded),
      factory: declaredIn('generic-pool/index.d.ts', 'Factory'),
      option: foundIn('generic-pool/lib/PoolOptions.js', /\bopts\.(\w+)/g),
      member: publicNamesOf(loaded.Pool.prototype),
      event: foundIn('generic-pool/lib/Pool.js', /const FACTORY_\w+ = "(\w+)"/g),
    };
  },
  tarn: () => {
    const loaded = load('tarn') as Loaded;
    const pending = declaredIn('tarn/dist/PendingOperation.d.ts', 'PendingOperation');
    return {
      export: exportsOf(loaded),
      option: declaredIn('tarn/dist/Pool.d.ts', 'PoolOptions'),
      member: [...publicNamesOf(loaded.Pool.prototype), ...pending.map((name) => `acquire().${name}`)],
      event: foundIn('tarn/dist/Pool.d.ts', /\bon\(eventName: '(\w+)'/g),
    };
  },
  'lightning-pool': () => ({
    export: exportsOf(lightningPool),
    factory: declaredIn('lightning-pool/types.d.ts', 'PoolFactory'),
    option: declaredIn('lightning-pool/types.d.ts', 'PoolConfiguration'),
    member: publicNamesOf(lightningPool.Pool.prototype),
    event: foundIn('lightning-pool/pool.js', /this\.emit\('([\w-]+)'/g),
  }),
  'pg-pool': () => {
    const { prototype } = load('pg-pool') as { prototype: object };
    const client = declaredIn('@types/pg/index.d.ts', 'PoolClient').map((name) => `client.${name}`);
    return {
      option: foundIn('pg-pool/index.js', /\boptions\.(\w+)/g),
      member: unique([...publicNamesOf(prototype), ...declaredIn('@types/pg/index.d.ts', 'Pool'), ...client]),
      event: foundIn('pg-pool/index.js', /\.emit\('(\w+)'/g),
    };
  },
  'cache-manager': () => {
    const types = 'cache-manager/dist/index.d.mts';
    const wrap = ['WrapOptions', 'WrapOptionsRaw'].flatMap((name) => declaredIn(types, name));
    return {
      export: exportsOf(cacheManager),
      option: [...declaredIn(types, 'CreateCacheOptions'), ...wrap.map((name) => `wrap.${name}`)],
      member: declaredIn(types, 'Cache'),
      event: declaredIn(types, 'Events'),
    };
  },
  Keyv: () => ({
    export: exportsOf(keyv),
    option: declaredIn('keyv/dist/index.d.ts', 'KeyvOptions'),
    member: unique(['Keyv', 'EventManager'].flatMap((name) => declaredIn('keyv/dist/index.d.ts', name))),
    event: foundIn('keyv/dist/index.js', /this\.emit\(\s*"(\w+)"/g),
    hook: foundIn('keyv/dist/index.d.ts', /= "((?:pre|post)\w+)"/g),
  }),
};

const unique = (names: readonly string[]): string[] => [...new Set(names)];

const exportsOf = (loaded: object): string[] =>
  Object.keys(loaded).filter((name) => name !== 'default' && name !== 'module.exports');

const publicNamesOf = (prototype: object): string[] =>
  Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor' && !name.startsWith('_'));

const read = (path: string): string => readFileSync(join(PROJECT, 'node_modules', path), 'utf8');

/** What a pattern finds in a peer's file. */
function foundIn(path: string, pattern: RegExp): string[] {
  return unique([...read(path).matchAll(pattern)].map(([, name]) => name));
}

/** The public members that a class, an interface or a type of a peer declares. */
function declaredIn(path: string, name: string): string[] {
  const file = ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest);
  const names: string[] = [];
  const collect = (node: ts.Node): void => {
    if (ts.isClassElement(node) || ts.isTypeElement(node)) {
      const member = node.name?.getText(file);
      const isHidden =
        ts.getCombinedModifierFlags(node) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected);
      if (member !== undefined && !isHidden && !member.startsWith('_')) names.push(member);
    } else ts.forEachChild(node, collect);
  };
  for (const statement of file.statements) {
    const isDeclared =
      ts.isClassDeclaration(statement) ||
      ts.isInterfaceDeclaration(statement) ||
      ts.isTypeAliasDeclaration(statement);
    if (isDeclared && statement.name?.getText(file) === name) collect(statement);
  }
  if (names.length === 0) throw new Error(`${path} declares no ${name}`);
  return unique(names);
}
