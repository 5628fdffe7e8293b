import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import type { CachedResourceOptions } from '../../cache/cached-resource-options.js';
import { checkOptions } from '../../options/option-reader.js';
import { nameOf } from '../discovery/class-of.js';
import { type OfCopy, THIS_COPY } from '../discovery/this-copy.js';
import type { StartOptions } from '../../coordinator/starting/start-options.js';
import type { PoolOptions } from '../../pool/pool-options.js';
import { checkClass, describePlace, standsTwice } from './decorator-place.js';

/** What a decorator declares about a class that makes the resources of one type, for a pool or for a cache. */
export type FactoryDeclaration =
  | {
      readonly source: 'pool';
      readonly type: string;
      readonly options: PoolOptions & StartOptions;
      /** What declares it, if not `@ResourceFactory`. */
      readonly decorator?: string;
    }
  | {
      readonly source: 'cache';
      readonly type: string;
      readonly options: (CachedResourceOptions & StartOptions) | undefined;
    };

/** As it is recorded on the class. */
export type DeclaredFactory = FactoryDeclaration & OfCopy;

/** Where it is recorded on the class. One class may be decorated for both. */
const FACTORY = { pool: 'resources:factory', cache: 'resources:cached-factory' } as const;

const DECORATORS = { pool: 'ResourceFactory', cache: 'CachedResourceFactory' } as const;

/** Makes a class injectable, and records on it what it is the factory of. */
export function declareFactory(factory: FactoryDeclaration): ClassDecorator {
  const { source, type, options } = factory;
  const name = nameOfDecorator(factory);
  if (options !== undefined) checkOptions(options, name, type);
  return (target: object, member?: unknown, index?: unknown) => {
    const place = { target, member, index };
    checkClass({ name, belongs: 'a class' }, place);
    if (Reflect.hasOwnMetadata(FACTORY[source], target)) throw standsTwice(name, describePlace(place));
    Reflect.defineMetadata(FACTORY[source], { ...factory, copy: THIS_COPY }, target);
    Injectable()(target as NewableFunction);
  };
}

/** The decorator as it stands in the source, for messages: `@ResourceFactory('sftp')`. */
function nameOfDecorator(factory: FactoryDeclaration): string {
  const { source, type } = factory;
  const decorator = source === 'pool' ? factory.decorator : undefined;
  return `@${decorator ?? DECORATORS[source]}('${type}')`;
}

/** What declares a factory class, for messages: `@ResourceFactory('sftp') of SftpFactory`. */
export function placeOfFactory(declared: FactoryDeclaration, owner: object): string {
  return `${nameOfDecorator(declared)} of ${nameOf(owner)}`;
}

/** What a class was decorated with, if it was. */
export function factoriesOf(target: object): DeclaredFactory[] {
  return Object.values(FACTORY)
    .map((key) => Reflect.getMetadata(key, target) as DeclaredFactory | undefined)
    .filter((factory) => factory !== undefined);
}
