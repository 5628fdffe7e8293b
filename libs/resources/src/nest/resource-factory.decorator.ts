import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import type { PoolOptions } from '../pool/pool-options.js';
import type { ResourceFactory as PoolResourceFactory } from '../pool/resource-factory.js';
import { format } from '../time/duration.js';

/** What {@link ResourceFactory} leaves at a class. */
export interface ResourceFactoryMetadata {
  type: string;
  options: PoolOptions;
}

const FACTORY = 'resources:factory';

/** Makes the resources of one type, and disposes of them: what a class decorated with `@ResourceFactory` implements. */
export interface ResourceFactory<T> extends PoolResourceFactory<T> {}

/**
 * Marks an injectable class as the factory of a resource type. Provide it in any module; it is found
 * when the application starts.
 *
 * @param options of the type's pool
 * @throws InvalidOptionsError when `type` is no name; what else is wrong, when the application starts
 */
export function ResourceFactory(type: string, options: PoolOptions = {}): ClassDecorator {
  if (typeof type !== 'string' || type === '') {
    throw new InvalidOptionsError(
      '@ResourceFactory()',
      `needs the name of a resource type, such as @ResourceFactory('sftp'); got ${format(type)}.`,
    );
  }
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
