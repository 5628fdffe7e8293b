import type { ResourceFactory } from '../../pool/factory/resource-factory.js';
import type { TransactionControl, TransactionTerms } from '../../pool/factory/transaction-control.js';
import { describeCause } from '../../words/describe-cause.js';
import { type CallOutcome, HookCall } from '../check-factory/hook-call.js';
import type { CheckControlSettings } from './check-control-options.js';
import type { ControlCheck, ControlFinding } from './control-report.js';

/** Ends a check after its first finding, because the steps that follow rely on what did not hold. */
class CheckEnded extends Error {
  override readonly name = 'CheckEnded';
}

/** Calls a control as the library does, and collects what is found. The checks decide what is called and in which order. */
export class ControlTrial<T> {
  readonly findings: ControlFinding[] = [];
  readonly refused: string[] = [];
  private readonly resources: T[] = [];
  private readonly run = Math.random().toString(36).slice(2, 8);
  private names = 0;

  constructor(
    private readonly factory: ResourceFactory<T>,
    readonly control: TransactionControl<T>,
    readonly settings: CheckControlSettings<T>,
  ) {}

  /**
   * Runs one check with resources of its own. A finding ends this check; the others are still run.
   *
   * @throws what a hook throws, unless there is a finding that may explain it
   */
  async check(work: (trial: ControlTrial<T>) => Promise<void>): Promise<void> {
    try {
      await work(this);
    } catch (error) {
      if (this.findings.length === 0) throw error;
    } finally {
      await this.end();
    }
  }

  async open(): Promise<T> {
    const { key } = this.settings;
    const { signal } = new AbortController();
    const retire = (): void => undefined;
    const outcome = await this.settled(() => this.factory.create({ signal, retire, key, secret: undefined }));
    const resource = this.resultOf('create', outcome);
    this.resources.push(resource);
    return resource;
  }

  /** Calls the control, the factory or a hook, and waits for at most `within`. */
  settled<R>(work: () => R | PromiseLike<R>): Promise<CallOutcome<R>> {
    return new HookCall(work).settledWithin(this.settings.within);
  }

  /** Begins without terms, which every control must do. */
  async begin(check: ControlCheck, resource: T): Promise<void> {
    await this.succeeds('it', () => this.control.begin(resource, {}), {
      check,
      done: 'called begin without terms',
      expected: 'a transaction',
      remedy: 'have begin take a resource that is in no transaction, whatever was done with it before',
    });
  }

  /** @returns whether there is such a transaction; what the control refuses is remembered */
  async beginWith(resource: T, terms: TransactionTerms, name: string): Promise<boolean> {
    const outcome = await this.settled(() => this.control.begin(resource, terms));
    if (outcome.state !== 'fulfilled') this.refused.push(name);
    return outcome.state === 'fulfilled';
  }

  async commit(check: ControlCheck, resource: T): Promise<void> {
    await this.succeeds('it', () => this.control.commit(resource), {
      check,
      done: 'called commit, and nothing was in its way',
      expected: 'the transaction to be committed',
      remedy: 'have commit settle when the database has answered',
    });
  }

  async rollback(check: ControlCheck, resource: T, done: string): Promise<void> {
    await this.succeeds('rollback', () => this.control.rollback(resource), {
      check,
      done,
      expected: 'the transaction to be rolled back',
      remedy: 'have rollback end whatever transaction there is, failed ones too',
    });
  }

  /** Calls rollback where the transaction may be gone already: it may fail, but must not be pending for ever. */
  async rollbackSettles(check: ControlCheck, resource: T, done: string, remedy: string): Promise<void> {
    const { state } = await this.settled(() => this.control.rollback(resource));
    this.expect(state !== 'pending', {
      check,
      done,
      expected: 'it to settle, either way',
      found: 'it has not settled',
      remedy,
    });
  }

  /** Writes in one more transaction of a resource and commits it: another resource must see what was written. */
  async commitsNext(
    check: ControlCheck,
    [own, other]: readonly [own: T, other: T],
    done: string,
    remedy: string,
  ): Promise<void> {
    await this.begin(check, own);
    const name = await this.write(own);
    await this.commit(check, own);
    this.expect(await this.has(other, name), {
      check,
      done,
      expected: 'what was written in it',
      found: 'it is not there',
      remedy,
    });
  }

  /** Makes a call that must be fulfilled. @param what was called, as the subject of what is found */
  async succeeds(what: string, work: () => unknown, finding: Omit<ControlFinding, 'found'>): Promise<void> {
    const outcome = await this.settled(work);
    this.expect(outcome.state === 'fulfilled', { ...finding, found: `${what} ${tell(outcome)}` });
  }

  /** Writes what nobody has written before. @returns its name @throws what the hook throws */
  async write(resource: T): Promise<string> {
    const name = this.newName();
    this.resultOf('write', await this.settled(() => this.settings.write(resource, name)));
    return name;
  }

  newName(): string {
    return `${this.run}-${++this.names}`;
  }

  /** Whether it is there. @throws what the hook throws */
  async has(resource: T, name: string): Promise<boolean> {
    return this.resultOf('has', await this.settled(() => this.settings.has(resource, name)));
  }

  /** Whether a resource sees what an open transaction of another one has written. If the database makes it wait for that, it does not. */
  async sees(resource: T, name: string): Promise<boolean> {
    const outcome = await this.settled(() => this.settings.has(resource, name));
    return outcome.state === 'fulfilled' && outcome.value;
  }

  /** What does not hold is a finding, and ends the check. */
  expect(holds: boolean, finding: ControlFinding): void {
    if (holds) return;
    this.findings.push(finding);
    throw new CheckEnded();
  }

  private async end(): Promise<void> {
    for (const resource of this.resources.splice(0)) {
      const controller = new AbortController();
      const { signal } = controller;
      await this.settled(() => this.factory.destroy?.(resource, { signal }));
      controller.abort(new Error('nobody waits for it any more'));
    }
  }

  private resultOf<R>(what: string, outcome: CallOutcome<R>): R {
    if (outcome.state === 'fulfilled') return outcome.value;
    if (outcome.state === 'rejected') throw outcome.reason;
    throw new Error(`"${what}" did not settle within ${this.settings.within} ms`);
  }
}

/** Such as `failed: no such table`, to follow the name of what was called. */
export function tell(outcome: CallOutcome<unknown>): string {
  if (outcome.state === 'rejected') return `failed: ${describeCause(outcome.reason)}`;
  return outcome.state === 'pending' ? 'has not settled' : 'succeeded';
}
