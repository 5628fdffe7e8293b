import type { ResourceCoordinator } from 'nestjs-resources';
import type { Client } from 'pg';
import { eventually } from '../../eventually.fixture.js';

/** Callers that borrow a session, query and give it back, again and again, as many at a time as there are. */
export class Callers {
  served = 0;
  readonly failures: unknown[] = [];
  private stopped = false;
  private readonly loops: Promise<void>[];

  /** @param count callers at a time */
  constructor(
    private readonly coordinator: ResourceCoordinator,
    count: number,
  ) {
    this.loops = Array.from({ length: count }, () => this.loop());
  }

  /** Waits until as many more have been served. */
  async more(count: number): Promise<void> {
    const goal = this.served + count;
    await eventually(() => {
      if (this.served < goal) throw new Error(`${this.served} of ${goal} were served`);
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.loops);
  }

  private async loop(): Promise<void> {
    while (!this.stopped) {
      try {
        await this.coordinator.use<Client>('pg', (client) => client.query('SELECT sum(pieces) FROM stock'));
        this.served++;
      } catch (error) {
        this.failures.push(error);
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }
}
