import { AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import type { Unit } from '../watch/unit.js';
import { watch } from '../watch/watch.js';

/** One turn of the event loop: as long as a real session's answer takes at least. */
export async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

let lastId = 0;

/**
 * A fake database session that knows who may use it. Whoever borrows it says so by {@link took}, each operation
 * says for whom it is, and a loan is over when the pool resets it.
 */
export class Session {
  readonly id = ++lastId;
  private readonly events = new EventEmitter();
  /** As a socket has one: its events come in the context in which it was made. */
  private readonly native = new AsyncResource('Session');
  private holder: Unit | undefined;
  private transaction: Unit | undefined;
  private operations = 0;
  private resetting = false;
  private destroyed = false;

  /** @param tenant whose it is, of a keyed type */
  constructor(
    readonly type: string,
    readonly application: number,
    readonly tenant: string,
    /** Tells the pool that it has died. */
    readonly die: () => void,
  ) {}

  get name(): string {
    return `${this.type} ${this.id}${this.tenant === '' ? '' : ` of ${this.tenant}`}`;
  }

  /** A unit has borrowed it, or finds that it has it already. */
  took(unit: Unit): void {
    watch.journal.note(unit, `takes ${this.name}`);
    if (this.resetting)
      watch.violated('unready', `${unit.mark} gets ${this.name} during its reset`, unit, this.holder);
    if (this.destroyed && !unit.givenUp)
      watch.violated('late', `${unit.mark} gets ${this.name}, destroyed`, unit);
    if (this.holder !== undefined && this.holder !== unit)
      watch.violated(
        'shared',
        `${unit.mark} gets ${this.name}, which ${this.holder.mark} has`,
        unit,
        this.holder,
      );
    this.holder ??= unit;
    this.checkOwner(unit);
  }

  /** A statement: it takes a turn, and stamps the session at its begin and its end. */
  async query(unit: Unit, text: string): Promise<string> {
    this.touch(unit, text);
    this.operations++;
    try {
      await unit.pause();
      this.touch(unit, `${text}, answered`);
    } finally {
      this.operations--;
    }
    return unit.mark;
  }

  async begin(unit: Unit): Promise<void> {
    await this.query(unit, 'BEGIN');
    this.transaction = unit;
  }

  async commit(unit: Unit): Promise<void> {
    await this.query(unit, 'COMMIT');
    this.transaction = undefined;
  }

  /** Rows that arrive by themselves, as from a socket. @param each called for every row */
  stream(unit: Unit, rows: number, each: () => void): Promise<void> {
    this.touch(unit, 'a stream');
    this.operations++;
    this.events.on('row', each);
    return new Promise((resolve) => {
      const arrive = (left: number): void => {
        if (left > 0) this.events.emit('row');
        if (left > 0) return void setImmediate(arrive, left - 1);
        this.events.off('row', each);
        this.operations--;
        resolve();
      };
      this.native.runInAsyncScope(() => setImmediate(arrive, rows));
    });
  }

  /** The pool's hook: the loan is over. */
  async reset(): Promise<void> {
    watch.journal.note(this.holder ?? 'pool', `gives back ${this.name}`);
    if (this.operations > 0) {
      const { holder } = this;
      watch.violated('returned', `${this.name} goes back while ${holder?.mark} works with it`, holder);
    }
    this.holder = undefined;
    this.transaction = undefined;
    this.resetting = true;
    await turn();
    this.resetting = false;
  }

  /** The pool's hook: it is out of service. */
  destroy(): void {
    watch.journal.note(this.holder ?? 'pool', `destroys ${this.name}`);
    const { holder } = this;
    if (this.operations > 0 && holder?.givenUp === false)
      watch.violated('returned', `${this.name} is destroyed while ${holder.mark} works with it`, holder);
    this.destroyed = true;
  }

  private touch(unit: Unit, what: string): void {
    watch.journal.note(unit, `${this.name}: ${what}`);
    const { holder, transaction } = this;
    if (this.destroyed && !unit.givenUp)
      watch.violated('late', `${unit.mark} uses ${this.name}, which is destroyed`, unit);
    else if (holder === undefined && !this.destroyed)
      watch.violated('late', `${unit.mark} uses ${this.name}, which it has given back`, unit);
    else if (holder !== undefined && holder !== unit)
      watch.violated('shared', `${unit.mark} uses ${this.name}, which ${holder.mark} has`, unit, holder);
    if (transaction !== undefined && transaction !== unit)
      watch.violated(
        'shared',
        `${unit.mark} is in the transaction of ${transaction.mark}`,
        unit,
        transaction,
      );
    this.checkOwner(unit);
  }

  private checkOwner(unit: Unit): void {
    if (this.tenant !== '' && this.tenant !== unit.tenant)
      watch.violated('tenant', `${unit.mark} gets ${this.name}`, unit, this.holder);
    if (this.application !== unit.application)
      watch.violated(
        'application',
        `${unit.mark} gets ${this.name} of application ${this.application}`,
        unit,
      );
  }
}
