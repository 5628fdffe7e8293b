import type { ContenderEntry } from './contender.js';
import { genericPool } from './generic-pool.js';
import { lightningPool } from './lightning-pool.js';
import { arrayStack, ringQueue } from './limits.js';
import { ours } from './ours.js';
import { tarn } from './tarn.js';

export const CONTENDERS: readonly ContenderEntry[] = [
  ours,
  genericPool,
  tarn,
  lightningPool,
  arrayStack,
  ringQueue,
];
