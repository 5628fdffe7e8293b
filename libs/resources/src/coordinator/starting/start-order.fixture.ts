import * as fc from 'fast-check';

/** How the start of a type goes, and then its end. */
export type Fate =
  | 'starts'
  | 'fails'
  | 'hangs'
  | 'hangs for good'
  | 'is slow'
  | 'fails to be destroyed'
  | 'hangs when it is destroyed';

export interface PlannedType {
  readonly name: string;
  readonly kind: 'pool' | 'keyed' | 'cache';
  readonly dependsOn: readonly string[];
  readonly optional: boolean;
  readonly fate: Fate;
  /** Resources from the start, of a pool. */
  readonly min: number;
  /** Whether it is registered when all have started. */
  readonly late: boolean;
}

export interface Plan {
  readonly types: readonly PlannedType[];
  /** Milliseconds after which all is closed; undefined when the start has settled. */
  readonly closeAfter: number | undefined;
}

const FATES: readonly fc.WeightedArbitrary<Fate>[] = [
  { weight: 12, arbitrary: fc.constant('starts') },
  { weight: 4, arbitrary: fc.constant('is slow') },
  { weight: 2, arbitrary: fc.constant('fails') },
  { weight: 1, arbitrary: fc.constant('hangs') },
  { weight: 1, arbitrary: fc.constant('hangs for good') },
  { weight: 1, arbitrary: fc.constant('fails to be destroyed') },
  { weight: 1, arbitrary: fc.constant('hangs when it is destroyed') },
];

/** Each type depends on some of those before it, and stands anywhere in the order of registration. */
export const plans: fc.Arbitrary<Plan> = fc
  .array(
    fc.record({
      kind: fc.constantFrom('pool', 'pool', 'pool', 'keyed', 'cache'),
      edges: fc.array(fc.nat(7), { maxLength: 3 }),
      optional: fc.boolean(),
      fate: fc.oneof(...FATES),
      min: fc.integer({ min: 0, max: 2 }),
      late: fc.boolean(),
      place: fc.nat(100),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .chain((drawn) => {
    const types = drawn.map(({ edges, place, ...rest }, index) => {
      const dependsOn = edges.filter((edge) => edge < index).map((edge) => `t${edge}`);
      const late = rest.late && drawn.slice(index).every((each) => each.late);
      const planned: PlannedType = { ...rest, name: `t${index}`, dependsOn: [...new Set(dependsOn)], late };
      return { place, planned };
    });
    const placed = types.toSorted((one, other) => one.place - other.place).map(({ planned }) => planned);
    return fc.record({
      types: fc.constant(placed),
      closeAfter: fc.option(fc.integer({ min: 0, max: 2_000 }), { nil: undefined }),
    });
  });
