import { describe, expect, it } from '@jest/globals';
import { getCachedLeaseToken, getLeaseToken } from './lease-token.js';

const terms = { tenant: () => 'acme' };
const key = (): string => 'acme';

describe('the token of a lease', () => {
  it('is readable, since Nest prints it', () => {
    expect(getLeaseToken('pg')).toBe('RESOURCES:LEASE:pg');
    expect(getLeaseToken('pg', terms)).toMatch(/^RESOURCES:LEASE:pg#\d+$/);
    expect(getCachedLeaseToken('searchIndex', 'products')).toBe('RESOURCES:CACHED:searchIndex:products');
    expect(getCachedLeaseToken('tenantDb', key)).toMatch(/^RESOURCES:CACHED:tenantDb#\d+$/);
  });

  it('is of one type, its terms and its key only, whatever their names', () => {
    const names = ['a', 'b', 'c', 'a:b', 'b:c', 'a:b:c', 'a#1', '"a"', '"a":"b"', ':', '#1', ''];
    const serial = getLeaseToken('a', terms).split('#')[1];
    const types = new Set([...names, `a#${serial}`, `a:${serial}`, `"a"#${serial}`]);
    const tokens = [...types].flatMap((type) => [
      getLeaseToken(type),
      getLeaseToken(type, terms),
      getCachedLeaseToken(type, key),
      ...names.map((name) => getCachedLeaseToken(type, name)),
    ]);
    expect(new Set(tokens).size).toBe(tokens.length);
  });
});
