import type { Unit } from '../watch/unit.js';
import { watch } from '../watch/watch.js';

let lastId = 0;

/** A client of one tenant, which all requests of this tenant may use at a time. */
export class TenantClient {
  readonly id = ++lastId;
  private destroyed = false;

  constructor(
    readonly application: number,
    readonly tenant: string,
  ) {}

  async send(unit: Unit): Promise<string> {
    this.touch(unit);
    await unit.pause();
    this.touch(unit);
    return unit.mark;
  }

  destroy(): void {
    this.destroyed = true;
  }

  private touch(unit: Unit): void {
    const name = `client ${this.id} of ${this.tenant}`;
    watch.journal.note(unit, `uses ${name}`);
    if (this.tenant !== unit.tenant) watch.violated('tenant', `${unit.mark} gets ${name}`, unit);
    if (this.application !== unit.application)
      watch.violated('application', `${unit.mark} gets ${name} of application ${this.application}`, unit);
    if (this.destroyed && !unit.givenUp) watch.violated('late', `${unit.mark} uses ${name}, destroyed`, unit);
  }
}
