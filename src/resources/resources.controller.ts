import { Body, Controller, Get, Patch } from '@nestjs/common';
import { type ChangeInfo, ResourceCoordinator } from 'nestjs-resources';
import { type PoolChange, poolChange } from './pool-change.schema.js';

/** Who holds what, for an operator's eyes. It borrows nothing, so it answers when every session is on loan. */
@Controller('resources')
export class ResourcesController {
  constructor(private readonly coordinator: ResourceCoordinator) {}

  @Get()
  show(): object {
    const leases = this.coordinator.leases().map(({ id, type, owner, acquiredAt, age }) => {
      return { id, type, owner, acquiredAt, age };
    });
    return { ...this.coordinator.stats(), leases };
  }

  /** How many sessions there may be, from now until the next start. Where not only its own machine can ask, such a route needs a guard. */
  @Patch('pg')
  async change(@Body({ schema: poolChange }) { max, by }: PoolChange): Promise<ChangeInfo | undefined> {
    await this.coordinator.reconfigure('pg', { max }, { by });
    return this.coordinator.history('pg').at(-1);
  }
}
