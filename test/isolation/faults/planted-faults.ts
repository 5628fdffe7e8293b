/** A replacement of text in the built library. */
export interface Edit {
  /** Below `dist`. */
  readonly file: string;
  /** Must be there exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** A fault that is put into a copy of the library, to see that the test finds it. */
export interface PlantedFault {
  readonly name: string;
  readonly description: string;
  readonly edits: readonly Edit[];
  /** Platforms on which it shows. Default: both. */
  readonly adapters?: readonly string[];
  /** Requests of a round, where most of them wait in vain for what never goes back. Default: those of the command. */
  readonly size?: number;
}

export const PLANTED_FAULTS: readonly PlantedFault[] = [
  {
    name: 'end-with-answer',
    description: 'a scope ends when its response does, though the handler works on',
    edits: [
      {
        file: 'nest/contexts/http/http-lease-scope.js',
        find: 'return this.idle && !this.undecided && (this.answered || this.gone);',
        replace: 'return this.answered || this.gone;',
      },
    ],
  },
  {
    name: 'ambient-wins',
    description: 'the ambient scope wins over that of the request',
    edits: [
      {
        file: 'nest/contexts/http/hand-over.js',
        find: 'return currentScope.getStore() === scope;',
        replace: 'return currentScope.getStore() !== undefined;',
      },
    ],
  },
  {
    name: 'lend-abandoned-on',
    description: 'what is on loan to work that was given up is lent on',
    edits: [{ file: 'scopes/scope-holds.js', find: 'if (!unseen)', replace: 'if (true)' }],
  },
  {
    name: 'unsubscribed-unnoticed',
    description: 'an Observable that was unsubscribed counts as settled',
    edits: [
      {
        file: 'nest/contexts/http/http-lease-scope.js',
        find: 'return (this.unsubscribed ||',
        replace: 'return (',
      },
    ],
  },
  {
    name: 'lend-before-reset',
    description: 'a resource is lent while it is being reset',
    edits: [
      {
        file: 'pool/leases/lease-ledger.js',
        find: '? host.validator.afterLoan(slot, settings)',
        replace: '? (void slot.factory.reset?.(slot.resource), host.shelve(slot))',
      },
    ],
  },
  {
    name: 'release-twice',
    description: 'a lease that is released twice ends the loan of those who share it',
    edits: [
      {
        file: 'scopes/scope-hold.js',
        find: 'if (this.over)\n            return NOTHING_TO_WAIT_FOR;',
        replace: '',
      },
    ],
  },
  {
    name: 'hang-up-unheard',
    description: 'a scope does not end when its client hangs up',
    size: 200,
    edits: [
      {
        file: 'nest/contexts/http/exchange-scope.js',
        find: 'return response.closed || response.destroyed || (socket?.destroyed ?? false);',
        replace: 'return false;',
      },
      { file: 'nest/contexts/http/exchange-scope.js', find: 'this.responseClosed = true;', replace: '' },
    ],
  },
  {
    name: 'keep-finished',
    description: 'finished requests are remembered',
    edits: [
      {
        file: 'nest/contexts/http/http-lease-scope.js',
        find: 'super.end();',
        replace: 'super.end(); (globalThis.finishedRequests ??= new Set()).add(this.incoming);',
      },
    ],
  },
  {
    name: 'hooks-in-context',
    description: 'hooks run in the context of the unit that happened to need them',
    edits: [
      {
        file: 'time/neutral-ground.js',
        find: 'return new this.Footing().runInAsyncScope(work);',
        replace: 'return work();',
      },
    ],
  },
  {
    name: 'first-key',
    description: 'a keyed pool lends by whichever key has a pool, now and then',
    edits: [
      {
        file: 'pool/keyed/key-table.js',
        find: 'const entry = this.byKey.get(key);\n        if (entry === undefined)',
        replace:
          'const entry = Math.random() < 0.01 ? this.entries[0] : this.byKey.get(key);\n        if (entry === undefined)',
      },
    ],
  },
  {
    name: 'one-for-all-tenants',
    description: 'a cached resource is found without its key',
    edits: [
      {
        file: 'coordinator/coordinator-lender.js',
        find: "return this.lendCached(scope, type, options.key ?? '', options);",
        replace: "return this.lendCached(scope, type, 'acme', options);",
      },
    ],
  },
  {
    name: 'key-without-tenant',
    description: 'the entry of a cached method is found without the tenant',
    edits: [
      {
        file: 'nest/caching/cached-methods.js',
        find: 'keyOf(by.values(), argumentsKey(place, options, args))',
        replace: 'keyOf(new Map().values(), argumentsKey(place, options, args))',
      },
    ],
  },
  {
    name: 'load-in-context',
    description: 'a load runs in the context of whoever asked first',
    edits: [
      {
        file: 'scopes/hosted-loads.js',
        find: 'return await this.ground.run(() => currentScope.run(scope, async () => await load()));',
        replace: 'return await load();',
      },
    ],
  },
  {
    name: 'body-not-awaited',
    description: 'a scope does not wait for the end of a body',
    edits: [
      {
        file: 'nest/contexts/http/track-body.js',
        find: 'this.working = true;\n            this.scope.workBegan();',
        replace: '',
      },
      {
        file: 'nest/contexts/http/track-body.js',
        find: 'let open = true;',
        replace: 'let open = false; return;',
      },
    ],
  },
  {
    name: 'pipelined-kept',
    description: 'responses that waited on a connection are remembered as long as it lives',
    edits: [
      {
        file: 'nest/contexts/http/pipelined-responses.js',
        find: "response.once('close', () => responses.delete(response));",
        replace: '',
      },
    ],
  },
];
