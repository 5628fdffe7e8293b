import type { ResourceFactory } from '../../pool/factory/resource-factory.js';
import { type HandleWatch, type OpenHandles } from './handle-watch.js';
import { type CallOutcome, HookCall } from './hook-call.js';
import { UnheardErrors } from './unheard-errors.js';

/** One call of `create`, and what came of it: who plays the pool's part keeps it until the end. */
export class TrialCreation<T> {
  readonly handles: OpenHandles = new Map();
  /** Whether `retire` was called. */
  retired = false;
  /** Of what it has brought. */
  errors: UnheardErrors | undefined;
  private readonly controller = new AbortController();
  private readonly call: HookCall<T>;

  constructor(
    private readonly factory: ResourceFactory<T>,
    private readonly watch: HandleWatch,
    key: string,
  ) {
    const { signal } = this.controller;
    const retire = (): void => void (this.retired = true);
    this.call = watch.run(
      this.handles,
      () =>
        new HookCall(async () => {
          const resource = await factory.create({ signal, retire, key, secret: undefined });
          this.errors = new UnheardErrors(resource);
          return resource;
        }),
    );
  }

  /** As a pool does: when it has settled, nothing is aborted any more. */
  abort(): void {
    if (this.call.pending) this.controller.abort(new Error('nobody waits for it any more'));
  }

  /** @param limit milliseconds */
  settledWithin(limit: number): Promise<CallOutcome<T>> {
    return this.call.settledWithin(limit);
  }

  /**
   * Destroys what it has brought as a pool does: in a given time, after which the signal is aborted.
   *
   * @param timeout milliseconds until then
   * @param within most milliseconds to obey the signal
   */
  async destroy(resource: T, timeout: number, within: number): Promise<CallOutcome<unknown>> {
    const controller = new AbortController();
    const { signal } = controller;
    const work = (): unknown => this.factory.destroy?.(resource, { signal });
    const call = this.watch.run(this.handles, () => new HookCall(work));
    const outcome = await call.settledWithin(timeout);
    if (outcome.state === 'fulfilled') return outcome;
    controller.abort(new Error('nobody waits for it any more'));
    return await call.settledWithin(within);
  }
}
