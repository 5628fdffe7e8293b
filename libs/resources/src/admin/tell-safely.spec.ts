import { describe, expect, it } from '@jest/globals';
import { tellSafely } from './tell-safely.js';

describe('tellSafely', () => {
  it.each([
    ['connect to postgresql://ada:hunter2@db:5432/orders', 'connect to postgresql://***@db:5432/orders'],
    ['redis://:hunter2@cache and amqp://u:p@q', 'redis://***@cache and amqp://***@q'],
    ['a://u:hunter2@x@host', 'a://***@host'],
    ['a://u:hun/ter2@host', 'a://***@host'],
    ['a://db/orders?sslkey=hunter2&x=1 failed', 'a://db/orders?*** failed'],
    ['password=hunter2 host=db', 'password=*** host=db'],
    ['PGPASSWORD: hunter2', 'PGPASSWORD: ***'],
    ['{"accessToken":"hunter2","port":1}', '{"accessToken":***,"port":1}'],
    ["secret = 'hunter2 more'", 'secret = ***'],
    ['x-api-key: hunter2', 'x-api-key: ***'],
    ['sent Authorization: Bearer hunter2', 'sent Authorization: *** ***'],
    ['Basic aHVudGVyMg==', 'Basic ***'],
    ['password authentication failed for user "ada"', 'password authentication failed for user "ada"'],
    ['connect ECONNREFUSED 127.0.0.1:5432', 'connect ECONNREFUSED 127.0.0.1:5432'],
    ['password authentication failed: hunter2', 'password authentication failed: ***'],
    ['AccountKey=hunter2;EndpointSuffix=x', 'AccountKey=***'],
    ['no session for ada:hunter2@db:5432', 'no session for ***@db:5432'],
    ['(:hunter2@cache)', '(***@cache)'],
    ['duplicate key value: (id)=(1)', 'duplicate key value: (id)=(1)'],
    ['at 12:30 ada@example.org has left', 'at 12:30 ada@example.org has left'],
    ['the token has expired. Retry at 12:30', 'the token has expired. Retry at 12:30'],
    ['see https://example.org/help', 'see https://example.org/help'],
  ])('%j becomes %j', (cause, told) => {
    expect(tellSafely(cause)).toBe(told);
    expect(tellSafely(new Error(cause))).toBe(told);
  });

  it('leaves out an address that was cut in the middle of its password', () => {
    const cause = `${'x'.repeat(470)} postgresql://ada:hunter2hunter2hunter2hunter2@db`;
    expect(tellSafely(cause)).not.toContain('hunter2');
  });
});
