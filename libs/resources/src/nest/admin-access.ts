import { Inject, Injectable } from '@nestjs/common';
import { readAdminOptions } from '../admin/admin-options.js';
import type { AdminServer } from '../admin/socket/admin-server.js';
import type { SocketPlace } from '../admin/socket/socket-place.js';
import { ResourceCoordinator } from '../coordinator/resource-coordinator.js';
import { describeName } from '../words/describe-name.js';
import { ResourcesLog } from './log/resources-log.js';
import { RESOURCES_OPTIONS, type ResourcesOptions } from './resources.options.js';

/** The admin socket of an application, if its options ask for one: open from before anything starts until everything has stopped. */
@Injectable()
export class AdminAccess {
  private readonly place: SocketPlace | undefined;
  private opening: Promise<AdminServer> | undefined;

  /** @throws InvalidOptionsError when there can be no such socket */
  constructor(
    @Inject(RESOURCES_OPTIONS) { admin }: ResourcesOptions,
    private readonly coordinator: ResourceCoordinator,
    private readonly log: ResourcesLog,
  ) {
    this.place = readAdminOptions(admin);
  }

  /**
   * Opens the socket, and then starts; a start that fails closes it.
   *
   * @throws InvalidOptionsError when the socket can't be opened; then nothing was started
   */
  async openFor(start: () => Promise<void>): Promise<void> {
    if (this.place !== undefined) this.opening = this.open(this.place);
    await this.opening;
    try {
      await start();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const server = await this.opening?.catch(() => undefined);
    this.opening = undefined;
    await server?.close();
  }

  /** What it needs is loaded by those who want it. */
  private async open(place: SocketPlace): Promise<AdminServer> {
    const { AdminCommands, AdminServer, targetOf } = await import('../admin/admin-server.js');
    const commands = new AdminCommands(targetOf(this.coordinator), (what) =>
      this.log.write('warn', `Admin: ${what}`),
    );
    const server = new AdminServer(place, commands, this.coordinator.clock);
    const path = await server.open();
    this.log.write('log', `The admin socket is ${describeName(path)}`);
    return server;
  }
}
