import type { KeyFunction } from '../../cache/loads/load-host.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { usagesOf } from '../decorators/resource-usage.js';
import { nameOf } from './class-of.js';

/**
 * What a load borrows by a key of the request would reach others. A class that asks for such a resource is taken to
 * use it in its loads.
 *
 * @param option that the class can't have, for the error
 * @param by the key functions on which the load's entry depends
 * @throws InvalidOptionsError when the class asks for one by another key of the request
 */
export function refuseRequest(
  owner: object,
  option: string,
  by: readonly KeyFunction[],
  remedy: string,
): void {
  const dependent = usagesOf(owner).find(
    ({ lease: { key } }) => typeof key === 'function' && !by.includes(key),
  );
  if (dependent === undefined) return;
  const { lease, place } = dependent;
  throw new InvalidOptionsError(
    option,
    `depends on the request, because ${nameOf(owner)} has a "${lease.type}" by a key of the request: ${place}. ${remedy}`,
    lease.type,
  );
}
