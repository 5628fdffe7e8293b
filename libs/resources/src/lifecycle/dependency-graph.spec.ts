import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { checkDependencies, type Dependent, inOrder } from './dependency-graph.js';

/** `{ pg: 'tunnel' }` as types by name. */
const graph = (edges: Readonly<Record<string, string>>): ReadonlyMap<string, Dependent> =>
  new Map(
    Object.entries(edges).map(([type, names]) => [
      type,
      { type, dependsOn: names.split(' ').filter((name) => name !== ''), at: `resources.${type}` },
    ]),
  );

const refusal = (types: ReadonlyMap<string, Dependent>): string | undefined => {
  try {
    checkDependencies(types, types.values());
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
};

const circleOf = (types: ReadonlyMap<string, Dependent>): string[] | undefined =>
  /makes a circle: (.*?)\. None/.exec(refusal(types) ?? '')?.[1].split(' -> ');

/** Any types that depend on any. */
const graphs = fc.array(fc.array(fc.nat(9), { maxLength: 3 }), { minLength: 1, maxLength: 10 }).map((edges) =>
  graph(
    Object.fromEntries(
      edges.map((names, index) => [
        `t${index}`,
        names
          .filter((name) => name < edges.length)
          .map((name) => `t${name}`)
          .join(' '),
      ]),
    ),
  ),
);

describe('dependencies', () => {
  it('come before what depends on them', () => {
    const types = graph({ report: 'pg api', pg: 'tunnel', api: '', tunnel: '' });
    expect(inOrder(types).map(({ type }) => type)).toEqual(['tunnel', 'pg', 'api', 'report']);
    expect(refusal(types)).toBeUndefined();
  });

  it.each([
    [{ a: 'a' }, 'a -> a'],
    [{ a: 'b', b: 'a' }, 'a -> b -> a'],
    [{ x: 'a', a: 'b c', b: '', c: 'd', d: 'a' }, 'a -> c -> d -> a'],
    [{ d: 'a', c: 'd', a: 'b c', b: '' }, 'd -> a -> c -> d'],
    [{ a: 'b', b: 'c d', c: 'd', d: 'b' }, 'b -> d -> b'],
  ])('that make a circle are printed as short as they are, from the first: %j', (edges, circle) => {
    expect(circleOf(graph(edges))?.join(' -> ')).toBe(circle);
  });

  it('may be deep, and may all hang on one', () => {
    const deep = Object.fromEntries(
      Array.from({ length: 5_000 }, (_, index) => [`t${index}`, index === 4_999 ? '' : `t${index + 1}`]),
    );
    expect(inOrder(graph(deep)).map(({ type }) => type)[0]).toBe('t4999');
    expect(refusal(graph(deep))).toBeUndefined();
  });

  it('have a circle exactly when there is no order', () => {
    fc.assert(
      fc.property(graphs, (types) => {
        const order = inOrder(types);
        expect(new Set(order)).toEqual(new Set(types.values()));
        const circle = circleOf(types);
        const place = new Map(order.map(({ type }, index) => [type, index]));
        const isOrdered = order.every(({ type, dependsOn }) =>
          dependsOn.every((name) => (place.get(name) ?? 0) < (place.get(type) ?? 0)),
        );
        expect(circle === undefined).toBe(isOrdered);
        for (const [index, type] of (circle ?? []).slice(0, -1).entries())
          expect(types.get(type)?.dependsOn).toContain(circle?.[index + 1]);
      }),
      { seed: 20_261_128, numRuns: 1_000 },
    );
  });
});
