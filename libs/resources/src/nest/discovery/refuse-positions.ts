import 'reflect-metadata';
import type { ModulesContainer } from '@nestjs/core';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { describeUsage, type ResourceUsage, usagesOf } from '../decorators/resource-usage.js';
import { nameOf } from './class-of.js';
import { declaredClasses } from './declared-classes.js';

/** Metadata that makes no handler of a method: of compilers and of documentation, and of what Nest calls with arguments of its own: jobs, and listeners. */
const NO_HANDLER = /^(design:|swagger\/|SCHEDULE|EVENT_LISTENER_METADATA$)/;
/** Metadata of Nest's that says how a handler is called, and makes none. */
const HOW =
  /^__(guards|pipes|interceptors|exceptionFilters|headers|httpCode|redirect|renderTemplate|responsePassthrough|version|fastify_\w+)__$/;
/** Metadata of what handles requests over HTTP. */
const HTTP = 'path';
/** Metadata of what handles messages: of gateways, and of microservices. */
const MESSAGES: readonly unknown[] = [
  'websockets:message_mapping',
  'microservices:pattern',
  'microservices:handler_type',
];

/**
 * Refuses parameters of methods that no request ever calls: Nest would never fill them. What it does not know, such as the handlers
 * of other packages, it lets pass.
 *
 * @throws InvalidOptionsError
 */
export function refusePositions(modules: ModulesContainer): void {
  for (const owner of declaredClasses(modules))
    for (const usage of usagesOf(owner))
      if (usage.method !== undefined) check(owner as NewableFunction, usage, usage.method);
}

function check(owner: NewableFunction, usage: ResourceUsage, name: string | symbol): void {
  const found = methodOf(owner.prototype as object, name);
  if (found === undefined) return;
  const keys = [
    ...(Reflect.getMetadataKeys(found.method) as unknown[]),
    ...(Reflect.getMetadataKeys(owner.prototype as object, name) as unknown[]),
  ].filter((key) => typeof key !== 'string' || !(NO_HANDLER.test(key) || HOW.test(key)));
  const refuse = (problem: string): never => {
    throw new InvalidOptionsError(describeUsage(usage), problem, usage.lease.type);
  };
  if (keys.length === 0) {
    // A subclass that overrides an inherited handler, and decorates nothing, has taken its route away.
    if (found.holder !== usage.at.target) return;
    refuse(
      `is never filled: nothing makes this method of ${nameOf(owner)} a handler. ` +
        `Inject the lease into the constructor, or decorate the method, as with @Get().`,
    );
  }
  if (!keys.includes(HTTP) && keys.some((key) => MESSAGES.includes(key)))
    refuse(
      `stands in a message handler, and messages have no lease scope of their own. ` +
        `Inject the lease into the constructor, and work in coordinator.run().`,
    );
}

/** @returns the method, and the prototype that has it; undefined for one that is not there, such as an accessor */
function methodOf(prototype: object, name: string | symbol): { method: object; holder: object } | undefined {
  for (
    let holder: object | null = prototype;
    holder !== null;
    holder = Object.getPrototypeOf(holder) as object | null
  ) {
    const descriptor = Object.getOwnPropertyDescriptor(holder, name);
    if (descriptor === undefined) continue;
    const method: unknown = descriptor.value;
    return typeof method === 'function' ? { method, holder } : undefined;
  }
  return undefined;
}
