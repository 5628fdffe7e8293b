import { describe, expect, it } from '@jest/globals';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { currentScope } from '../../scopes/current-scope.js';
import { HandledScope, handlerArgumentsOf } from './handled-scope.js';
import { requestContextOf } from './request-context.js';

/** A kind of work that this library does not know. */
class MessageScope extends HandledScope {
  get handlerArguments(): readonly unknown[] {
    return this.ended ? [] : ['the message'];
  }
}

const messageScope = (): MessageScope =>
  new MessageScope(new ResourceCoordinator(), 'rpc', 'Orders.placed', undefined);

describe('the scope of any kind of work that a handler does', () => {
  it('tells what the handler gets, and in which context', () => {
    const scope = messageScope();
    expect(handlerArgumentsOf(scope)).toEqual(['the message']);
    const context = requestContextOf(scope);
    expect([context?.getType(), context?.getArgs()]).toEqual(['rpc', ['the message']]);
    expect(context).toMatchObject({ kind: 'rpc', owner: 'Orders.placed (rpc)' });
  });

  it('tells nothing when it has ended', () => {
    const scope = messageScope();
    scope.endIfOver();
    expect([handlerArgumentsOf(scope), requestContextOf(scope)]).toEqual([[], undefined]);
  });

  it('is not the scope of work without a handler', async () => {
    await new ResourceCoordinator().run(() => {
      const scope = currentScope.getStore();
      expect(scope?.kind).toBe('run');
      expect([handlerArgumentsOf(scope), requestContextOf(scope)]).toEqual([[], undefined]);
    });
  });
});
