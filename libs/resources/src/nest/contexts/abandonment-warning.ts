import { describeName } from '../../words/describe-name.js';
import type { ResourcesLog } from '../log/resources-log.js';
import type { LeaseScope } from '../../scopes/lease-scope.js';

/** Logs, once per type, that a request was given up while work with its resource may go on unseen. */
export class AbandonmentWarning {
  private readonly told = new Set<string>();

  constructor(private readonly log: ResourcesLog) {}

  /** @param scope is about to end */
  tell({ holds, owner }: LeaseScope): void {
    for (const { type, source, ended } of holds.all) {
      if (source === 'cache' || ended || this.told.has(type)) continue;
      this.told.add(type);
      this.log.write(
        'warn',
        `${describeName(owner)} was given up by a time-out or a client that hung up, and may still use its "${describeName(type)}": ` +
          `the resource is held, then retired, and not lent on. Return a promise instead of an Observable or a callback, ` +
          `or work in use(): then a hang-up costs no resource. Logged once per type.`,
      );
    }
  }
}
