import { Injectable } from '@nestjs/common';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import type { Trouble, TroubleListener } from '../../reports/trouble.js';
import { LogLine } from './log-line.js';
import { ResourcesLog } from './resources-log.js';
import { beginningOf, endOf, levelOf } from './trouble-lines.js';

/** Logs one line when trouble begins, and one when it is over. What counts as one is for the coordinator to say. */
@Injectable()
export class TroubleLog implements TroubleListener {
  constructor(
    private readonly coordinator: ResourceCoordinator,
    private readonly log: ResourcesLog,
  ) {}

  /** To be called when all have started: why a start fails is thrown. */
  start(): void {
    this.coordinator.troubles.follow(this);
  }

  began(trouble: Trouble): void {
    const stats = trouble.source === 'pool' ? this.coordinator.pools.get(trouble.type)?.stats : undefined;
    this.log.write(levelOf(trouble), new LogLine(beginningOf(trouble, stats), trouble));
  }

  ended(trouble: Trouble, duration: number): void {
    this.log.write('log', new LogLine(endOf(trouble, duration), { ...trouble, duration }));
  }
}
