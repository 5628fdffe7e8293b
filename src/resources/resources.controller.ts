import { Controller, Get } from '@nestjs/common';
import { ResourceCoordinator } from 'nestjs-resources';

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
}
