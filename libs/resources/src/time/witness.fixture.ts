import { AsyncLocalStorage } from 'node:async_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const storage = new AsyncLocalStorage<object>();
setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What stays of a request, and who has seen its context. */
export class Witness {
  /** Where something ran in the context of a request. */
  readonly intruders: string[] = [];
  /** Where something has run. */
  readonly seen = new Set<string>();
  private readonly traces: [what: string, of: WeakRef<object>][] = [];

  /** To be called by what must not run in a request's context. */
  see(where: string): void {
    this.seen.add(where);
    if (storage.getStore() !== undefined) this.intruders.push(where);
  }

  /** Does some work as a request, with a signal and a context of its own. */
  async request(work: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    const context = {};
    const { signal } = new AbortController();
    this.traces.push(['context', new WeakRef(context)], ['signal', new WeakRef(signal)]);
    await storage.run(context, () => work(signal));
  }

  /** What cannot be collected of the requests so far. */
  async kept(): Promise<string[]> {
    for (let i = 0; i < 60; i++) {
      await turn(); // looking at a WeakRef keeps its target until the end of the turn
      gc();
      await turn();
      if (this.traces.every(([, of]) => of.deref() === undefined)) return [];
    }
    return this.traces.filter(([, of]) => of.deref() !== undefined).map(([what]) => what);
  }
}

/** The witness sees each of them, at once and after an await. */
export function witnessed(witness: Witness, where: string): Promise<void> {
  witness.see(where);
  return Promise.resolve().then(() => witness.see(`${where}, later`));
}
