import type { ContenderEntry } from './contender.js';
import { genericPool } from './generic-pool.js';
import { lightningPool } from './lightning-pool.js';
import { arrayStack, ringQueue } from './limits.js';
import { ours } from './ours.js';
import { pgPool } from './pg-pool.js';
import { tarn } from './tarn.js';

export const CONTENDERS: readonly ContenderEntry[] = [
  ours,
  genericPool,
  tarn,
  lightningPool,
  pgPool,
  arrayStack,
  ringQueue,
];

export const OURS = ours.name;
export const ARRAY_STACK = arrayStack.name;
export const RING_QUEUE = ringQueue.name;

/** The pools that anybody could use instead. */
export const PEERS: readonly string[] = CONTENDERS.filter(
  ({ name, limit }) => limit === undefined && name !== OURS,
).map(({ name }) => name);
