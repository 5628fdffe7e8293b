import { AsyncLocalStorage, createHook } from 'node:async_hooks';

/** What a process has open by the kinds that Node gives them: what keeps it from ending. */
const KINDS: Readonly<Record<string, string>> = {
  TCPWRAP: 'TCP socket',
  PIPEWRAP: 'pipe',
  UDPWRAP: 'UDP socket',
  PROCESSWRAP: 'child process',
};

/** What one piece of work has opened and not closed: kinds by the ids that Node gives them. */
export type OpenHandles = Map<number, string>;

/**
 * Sees which sockets and child processes a factory has opened and not closed. It exists because a server that is silent can't tell; it
 * looks at the context of each, so that nothing of the test's own, nor of a proxy beside it, counts.
 */
export class HandleWatch {
  private readonly context = new AsyncLocalStorage<OpenHandles>();
  private readonly owners = new Map<number, OpenHandles>();
  private readonly hook = createHook({
    init: (id, kind) => this.opened(id, kind),
    destroy: (id) => this.closed(id),
  }).enable();

  /** Whatever `work` opens, also after its awaits, counts for `handles`. */
  run<R>(handles: OpenHandles, work: () => R): R {
    return this.context.run(handles, work);
  }

  stop(): void {
    this.hook.disable();
    this.context.disable();
  }

  private opened(id: number, kind: string): void {
    const handles = Object.hasOwn(KINDS, kind) ? this.context.getStore() : undefined;
    if (handles === undefined) return;
    handles.set(id, KINDS[kind]);
    this.owners.set(id, handles);
  }

  private closed(id: number): void {
    this.owners.get(id)?.delete(id);
    this.owners.delete(id);
  }
}

/** Such as `TCP socket (2), pipe (1)`. */
export function describeHandles(handles: OpenHandles): string {
  const counts = new Map<string, number>();
  for (const kind of handles.values()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => `${kind} (${count})`).join(', ');
}
