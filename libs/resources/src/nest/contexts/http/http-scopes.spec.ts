import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { ResourceCoordinator } from '../../../coordinator/resource-coordinator.js';
import { ResourcesLog } from '../../log/resources-log.js';
import { HttpConnections } from './http-connections.js';
import type { HttpLeaseScope } from './http-lease-scope.js';
import { HttpScopes } from './http-scopes.js';
import { bindScope } from './scope-of-request.js';

/** What an application with another copy of this package makes a request carry: of no class that is known here. */
function scopeOfCopy(parent: HttpLeaseScope): HttpLeaseScope {
  return { kind: 'http', host: {}, parent } as unknown as HttpLeaseScope;
}

function requestOf() {
  const request = new IncomingMessage(new Socket());
  return { request, response: new ServerResponse(request) };
}

function application(): HttpScopes {
  const coordinator = new ResourceCoordinator();
  return new HttpScopes(coordinator, new HttpConnections(coordinator), new ResourcesLog({}));
}

describe('the scope of a request', () => {
  it('is one for each application that it comes through, whoever asks first', () => {
    const [outer, inner] = [application(), application()];
    const { request, response } = requestOf();
    const [first, second] = [outer.of(request, response), inner.of(request, response)];
    expect(second).not.toBe(first);
    expect([outer.of(request, response), inner.of(request, response)]).toEqual([first, second]);
  });

  it.each([1, 2, 3])(
    'is found behind those of %i applications with another copy of the package',
    (copies) => {
      const scopes = application();
      const { request, response } = requestOf();
      const own = scopes.of(request, response);
      let around = own;
      for (let copy = 0; copy < copies; copy++) bindScope(request, (around = scopeOfCopy(around)));
      expect(scopes.of(request, response)).toBe(own);
    },
  );
});
