import type { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { isObject } from '../../hooks/is-object.js';

/** To which applications an instance belongs that has transactional methods: one value may be provided to several. */
const homes = new WeakMap<object, readonly ResourceCoordinator[]>();

/** Of applications that run. */
const running = new Set<ResourceCoordinator>();

/** The one application that runs, if it is one. */
export function onlyHome(): ResourceCoordinator | undefined {
  const [one] = running;
  return running.size === 1 ? one : undefined;
}

/** An application begins to run. @returns undoes it */
export function beginHome(coordinator: ResourceCoordinator): () => void {
  running.add(coordinator);
  return () => void running.delete(coordinator);
}

const NONE: readonly ResourceCoordinator[] = [];

export function homesOf(instance: unknown): readonly ResourceCoordinator[] {
  return isObject(instance) ? (homes.get(instance) ?? NONE) : NONE;
}

/** @returns undoes it */
export function giveHome(instance: object, coordinator: ResourceCoordinator): () => void {
  const others = homesOf(instance).filter((each) => each !== coordinator);
  homes.set(instance, [...others, coordinator]);
  return () => {
    const left = homesOf(instance).filter((each) => each !== coordinator);
    if (left.length > 0) homes.set(instance, left);
    else homes.delete(instance);
  };
}
