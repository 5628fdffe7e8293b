import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { UnknownResourceError } from '../errors/unknown-resource-error.js';
import { describeName } from '../words/describe-name.js';

/** A type, as far as its dependencies go. */
export interface Dependent {
  readonly type: string;
  readonly dependsOn: readonly string[];
  /** Where its definition stands, for errors: `resources.pg`. */
  readonly at: string;
}

type Graph<D> = ReadonlyMap<string, D>;

/**
 * @param asked those whose dependencies must be there
 * @throws UnknownResourceError for a dependency that nobody registered, InvalidOptionsError for types that depend on each other in a circle
 */
export function checkDependencies(types: Graph<Dependent>, asked: Iterable<Dependent>): void {
  for (const { type, dependsOn } of asked) {
    const unknown = dependsOn.find((dependency) => !types.has(dependency));
    if (unknown === undefined) continue;
    throw UnknownResourceError.forType(unknown, [...types.keys()], [`"dependsOn" of ${describeName(type)}`]);
  }
  const circle = circleIn(types);
  if (circle === undefined) return;
  const [first] = circle;
  throw new InvalidOptionsError(
    `${types.get(first)?.at}.dependsOn`,
    `makes a circle: ${[...circle, first].map((type) => describeName(type)).join(' -> ')}. ` +
      `None of them could start before the others: take one of these dependencies out.`,
    first,
  );
}

/** Each type after all that it depends on; those in a circle in some order. */
export function inOrder<D extends Dependent>(types: Graph<D>): D[] {
  const order = new Set<D>();
  const seen = new Set<D>();
  for (const start of types.values()) {
    const path = [start];
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      seen.add(top);
      const next = dependenciesOf(top, types).find((dependency) => !seen.has(dependency));
      if (next !== undefined) {
        path.push(next);
        continue;
      }
      order.add(top);
      path.pop();
    }
  }
  return [...order];
}

/** @returns the types of one circle, each followed by one that it depends on, from the one that was registered first */
function circleIn(types: Graph<Dependent>): string[] | undefined {
  const position = new Map(inOrder(types).map((each, index) => [each, index]));
  const placeOf = (each: Dependent): number => position.get(each) ?? 0;
  for (const each of types.values()) {
    // In a right order nothing comes before what it depends on.
    const later = dependenciesOf(each, types).find((dependency) => placeOf(dependency) >= placeOf(each));
    if (later !== undefined) return fromFirst([each, ...wayBetween(later, each, types)], types);
  }
  return undefined;
}

function fromFirst(circle: readonly Dependent[], types: Graph<Dependent>): string[] {
  const names = circle.map(({ type }) => type);
  const first = [...types.keys()].find((type) => names.includes(type));
  const start = names.findIndex((name) => name === first);
  return [...names.slice(start), ...names.slice(0, start)];
}

/** The shortest way from one type to another, each step from a type to one that it depends on. @returns it without its end */
function wayBetween(from: Dependent, to: Dependent, types: Graph<Dependent>): Dependent[] {
  const before = new Map<Dependent, Dependent | undefined>([[from, undefined]]);
  for (const each of before.keys())
    for (const next of dependenciesOf(each, types)) if (!before.has(next)) before.set(next, each);
  const way: Dependent[] = [];
  for (let each = before.get(to); each !== undefined; each = before.get(each)) way.unshift(each);
  return way;
}

function dependenciesOf<D extends Dependent>({ dependsOn }: Dependent, types: Graph<D>): D[] {
  return dependsOn.map((name) => types.get(name)).filter((each) => each !== undefined);
}
