import type { CreateContext, ResourceFactory } from './factory/resource-factory.js';

/** A resource that notices misuse. */
export class Thing {
  destroyed = false;
  private user: string | undefined;

  constructor(
    readonly id: number,
    readonly context: CreateContext,
  ) {}

  /** @throws Error when somebody else uses it, or when it is gone */
  enter(user: string): void {
    if (this.destroyed) throw new Error(`thing ${this.id} was lent to ${user} although it is destroyed`);
    if (this.user !== undefined) throw new Error(`thing ${this.id} is used by ${this.user} and ${user}`);
    this.user = user;
  }

  leave(): void {
    this.user = undefined;
  }
}

/**
 * Makes {@link Thing}s and keeps the books. What a test wants to go wrong it puts in place of
 * `creating` and `destroying`, or into `validate` and `reset`, which are absent unless set.
 */
export class CountingFactory implements ResourceFactory<Thing> {
  /** Calls of `create`. */
  attempts = 0;
  readonly created: Thing[] = [];
  readonly destroyed: Thing[] = [];
  /** Most resources that existed at one time. */
  peak = 0;
  readonly contexts: CreateContext[] = [];

  creating: (attempt: number) => unknown = () => undefined;
  destroying: (thing: Thing) => unknown = () => undefined;
  validate?: (thing: Thing) => boolean | Promise<boolean>;
  reset?: (thing: Thing) => unknown;

  /** Resources that exist, a count. */
  get alive(): number {
    return this.created.length - this.destroyed.length;
  }

  create(context: CreateContext): Thing | Promise<Thing> {
    this.contexts.push(context);
    const held = this.creating(++this.attempts);
    return held instanceof Promise ? held.then(() => this.make(context)) : this.make(context);
  }

  async destroy(thing: Thing): Promise<void> {
    if (this.destroyed.includes(thing)) throw new Error(`thing ${thing.id} was destroyed twice`);
    thing.destroyed = true;
    this.destroyed.push(thing);
    await this.destroying(thing);
  }

  private make(context: CreateContext): Thing {
    const thing = new Thing(this.created.length + 1, context);
    this.created.push(thing);
    this.peak = Math.max(this.peak, this.alive);
    return thing;
  }
}
