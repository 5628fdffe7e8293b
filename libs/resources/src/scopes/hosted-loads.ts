import type { HostedLoad, LoadHost, LoadOrigin, LoadWait, Room } from '../cache/loads/load-host.js';
import type { NeutralGround } from '../time/neutral-ground.js';
import { currentScope, openScopeOf } from './current-scope.js';
import { UseWork } from './use-work.js';
import type { DeadlockWatch } from './deadlock-watch.js';
import type { ScopeHost } from './lease-scope.js';
import { LoadScope } from './load-scope.js';
import { LoadTerms } from './load-terms.js';

/** Gives every load of a coordinator's caches a scope of its own, and knows which scopes wait for which load. */
export class HostedLoads implements LoadHost {
  constructor(
    private readonly host: ScopeHost,
    private readonly ground: NeutralGround,
    private readonly deadlocks: DeadlockWatch,
  ) {}

  begin(place: string, origin: LoadOrigin | undefined, room: Room | undefined): HostedLoad {
    const late = openScopeOf(this.host)?.late ?? this.host.draining;
    const terms = new LoadTerms(origin?.place ?? place, origin);
    const scope = new LoadScope(this.host, terms, late, room);
    return {
      run: (load) => this.run(scope, load),
      wait: (wait) => this.wait(scope, wait),
    };
  }

  /** The scope is open until the load has settled by itself. */
  private async run<R>(scope: LoadScope, load: () => R | PromiseLike<R>): Promise<R> {
    scope.enter();
    scope.running = true;
    try {
      // What is thenable may begin its work when it is awaited: that must be inside, too.
      return await this.ground.run(() => currentScope.run(scope, async () => await load()));
    } finally {
      scope.settled = true;
      scope.load.end();
      scope.leave();
    }
  }

  private async wait<R>(load: LoadScope, wait: LoadWait<R>): Promise<R> {
    const scope = openScopeOf(this.host);
    const waiter = { scope };
    load.waiters.add(waiter);
    if (scope?.late === false) load.late = false;
    const work = scope === undefined ? undefined : UseWork.current(scope);
    work?.waitBegan();
    try {
      return scope === undefined ? await wait(undefined) : await this.deadlocks.waitFor(load, scope, wait);
    } finally {
      work?.waitEnded();
      load.waiters.delete(waiter);
    }
  }
}
