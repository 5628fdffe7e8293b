import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { ResourceCoordinator } from 'nestjs-resources';
import { messageOf } from '../message-of.js';
import { OrdersService } from '../orders/orders.service.js';
import { Settings } from '../settings.js';

const NAME = 'totals-report';

/** Tells the log every so often what was ordered. A job borrows as a request does: `run` gives it a lease scope of its own, and OrdersService notices no difference. */
@Injectable()
export class TotalsReport implements OnApplicationBootstrap {
  private readonly logger = new Logger(TotalsReport.name);
  private writing = false;

  constructor(
    private readonly coordinator: ResourceCoordinator,
    private readonly orders: OrdersService,
    private readonly scheduler: SchedulerRegistry,
    private readonly settings: Settings,
  ) {}

  onApplicationBootstrap(): void {
    const interval = setInterval(() => void this.write(), this.settings.reportInterval);
    this.scheduler.addInterval(NAME, interval);
    this.coordinator.onDrain(() => this.scheduler.deleteInterval(NAME));
  }

  async write(): Promise<void> {
    if (this.writing) {
      return;
    }
    this.writing = true;
    try {
      await this.coordinator.run(() => this.report(), { owner: NAME });
    } catch (error) {
      this.logger.warn(`no report this time: ${messageOf(error)}`);
    } finally {
      this.writing = false;
    }
  }

  private async report(): Promise<void> {
    const { orders, total } = await this.orders.total();
    this.logger.log(`${orders} orders, ${total.toFixed(2)} in total`);
  }
}
