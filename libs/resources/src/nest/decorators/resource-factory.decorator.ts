import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import type { PoolOptions } from '../../pool/pool-options.js';
import type { ResourceFactory as PoolResourceFactory } from '../../pool/factory/resource-factory.js';
import { checkTypeName } from './check-type-name.js';

/** What {@link ResourceFactory} leaves at a class. */
export interface ResourceFactoryMetadata {
  type: string;
  options: PoolOptions;
}

const FACTORY = 'resources:factory';

/** Makes the resources of one type, and destroys them: what a class decorated with `@ResourceFactory` implements. */
export interface ResourceFactory<T> extends PoolResourceFactory<T> {}

/**
 * Marks an injectable class as the factory of a resource type. Provide it in any module; it is found
 * when the application starts.
 *
 * @param options of the type's pool
 * @throws InvalidOptionsError when `type` is no name; what else is wrong, when the application starts
 */
export function ResourceFactory(type: string, options: PoolOptions = {}): ClassDecorator {
  checkTypeName(type, 'ResourceFactory', 'the name of a resource type', "'sftp'");
  return (target) => {
    const metadata: ResourceFactoryMetadata = { type, options };
    Reflect.defineMetadata(FACTORY, metadata, target);
    Injectable()(target);
  };
}

/** What a class was decorated with, if it was. */
export function factoryMetadataOf(target: object): ResourceFactoryMetadata | undefined {
  return Reflect.getMetadata(FACTORY, target) as ResourceFactoryMetadata | undefined;
}
