import { describe, expect, it } from '@jest/globals';
import { Press } from './press.fixture.js';

const pressOf = (name: string): Press => new Press({}, { file: new URL(name, import.meta.url) });
const isOfNest = (url: string): boolean => /node_modules\/(@nestjs|rxjs|reflect-metadata)\//.test(url);

describe('a compiled worker', () => {
  it('without a context loads nothing of Nest, and next to nothing of this package', async () => {
    const urls = (await pressOf('./plain.worker.js').run('loaded')) as string[];
    expect(urls.filter(isOfNest)).toEqual([]);
    const own = urls.filter((url) => url.includes('/libs/resources/'));
    expect(own.some((url) => url.endsWith('/threads/worker/host.js'))).toBe(true);
    expect(own.length).toBeLessThan(25);
  });

  it('with one loads Nest, and not the coordinator', async () => {
    const urls = (await pressOf('./nest.worker.js').run('loaded')) as string[];
    expect(urls.some(isOfNest)).toBe(true);
    expect(urls.filter((url) => url.includes('/libs/resources/dist/coordinator/'))).toEqual([]);
  });

  it.each(['js', 'cjs'])('in a .%s has its providers', async (ending) => {
    expect(await pressOf(`./nest.worker.${ending}`).run('font')).toBe('Garamond');
  });
});
