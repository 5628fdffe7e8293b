import type { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { isObject } from '../../hooks/is-object.js';

/** The applications to which an instance with transactional methods belongs: one value may be provided to several. */
const homes = new WeakMap<object, readonly ResourceCoordinator[]>();

/** The coordinators of the applications that are running. */
const running = new Set<ResourceCoordinator>();

/** The running application, if there is exactly one. */
export function onlyHome(): ResourceCoordinator | undefined {
  const [one] = running;
  return running.size === 1 ? one : undefined;
}

/** Called when an application begins to run. @returns a function to call at its end */
export function beginHome(coordinator: ResourceCoordinator): () => void {
  running.add(coordinator);
  return () => void running.delete(coordinator);
}

const NONE: readonly ResourceCoordinator[] = [];

export function homesOf(instance: unknown): readonly ResourceCoordinator[] {
  return isObject(instance) ? (homes.get(instance) ?? NONE) : NONE;
}

/** Makes an instance belong to an application. @returns a function that undoes it */
export function giveHome(instance: object, coordinator: ResourceCoordinator): () => void {
  const others = homesOf(instance).filter((each) => each !== coordinator);
  homes.set(instance, [...others, coordinator]);
  return () => {
    const left = homesOf(instance).filter((each) => each !== coordinator);
    if (left.length > 0) homes.set(instance, left);
    else homes.delete(instance);
  };
}
