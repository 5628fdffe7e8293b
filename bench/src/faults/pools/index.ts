import type { FaultContender } from './faultable-pool.js';
import { genericPool } from './generic-pool.js';
import { lightningPool } from './lightning-pool.js';
import { ours } from './ours.js';
import { pgPool } from './pg-pool.js';
import { tarn } from './tarn.js';

export const FAULT_CONTENDERS: readonly FaultContender[] = [ours, genericPool, tarn, lightningPool, pgPool];
