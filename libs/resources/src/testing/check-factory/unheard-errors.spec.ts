import { describe, expect, it } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { UnheardErrors } from './unheard-errors.js';

describe('the errors of a resource of which nobody hears', () => {
  it('are kept, and do not end the process', () => {
    const resource = new EventEmitter();
    const unheard = new UnheardErrors(resource);
    expect(unheard.first).toBeUndefined();
    resource.emit('error', undefined);
    expect(unheard.first).toEqual({ error: undefined });
  });

  it.each(['on', 'once'] as const)('are none where somebody listens by %s', (listen) => {
    const resource = new EventEmitter();
    resource[listen]('error', () => undefined);
    const unheard = new UnheardErrors(resource);
    resource.emit('error', new Error('gone'));
    expect(unheard.first).toBeUndefined();
  });

  it('are one where somebody listened only once', () => {
    const resource = new EventEmitter().once('error', () => undefined);
    const unheard = new UnheardErrors(resource);
    resource.emit('error', new Error('first'));
    resource.emit('error', new Error('second'));
    expect(unheard.first).toEqual({ error: new Error('second') });
  });

  it.each([
    ['a text', 'session'],
    ['an object that emits nothing', {}],
    ['a revoked proxy', revoked()],
  ])('are none of %s', (_, resource) => {
    expect(new UnheardErrors(resource).first).toBeUndefined();
  });
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
