import type { ProcessorContender } from './contender.js';
import { ours } from './ours.js';
import { piscina } from './piscina.js';
import { workerpool } from './workerpool.js';

export const PROCESSOR_CONTENDERS: readonly ProcessorContender[] = [ours, piscina, workerpool];
