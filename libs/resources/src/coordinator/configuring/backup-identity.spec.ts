import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { InvalidBackupError } from '../../errors/invalid-backup-error.js';
import { failureOf } from '../../errors/failure-of.fixture.js';
import { type BackupDocument, seal } from '../../lifecycle/backup/backup-document.js';
import type { Json } from '../../lifecycle/backup/plain-copy.js';
import { coordinatorOf, factory, given, inForce, poolOptions } from './configurations.fixture.js';
import type { ResourceCoordinator } from '../resource-coordinator.js';

/** The same sequences each time; `ROLLBACK_RUNS=5000` tries that many new ones. */
const RUNS = Number(process.env['ROLLBACK_RUNS'] ?? 0);
const TRIES = RUNS > 0 ? { numRuns: RUNS } : { numRuns: 150, seed: 8 };

/** As it comes back from a file. */
const stored = async (coordinator: ResourceCoordinator): Promise<BackupDocument> =>
  JSON.parse(JSON.stringify(await coordinator.backup({ values: true }))) as BackupDocument;

/** What a document says of configurations, and not of the moment. */
const said = ({ resources, cachedResources, cache }: BackupDocument): unknown => ({
  resources: resources.map(({ type, options }) => ({ type, options })),
  cachedResources,
  cache,
});

/** A node of a document, and how to put another in its place. */
interface Place {
  readonly path: string;
  readonly value: Json;
  put(value: Json | undefined): void;
}

function placesOf(value: Json, path = ''): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]: [string, Json]): Place[] => {
    const at = Array.isArray(value) ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`;
    const put = (next: Json | undefined): void => {
      if (next !== undefined) Object.assign(value, { [name]: next });
      else if (Array.isArray(value)) value.splice(Number(name), 1);
      else delete value[name];
    };
    return [{ path: at, value: inner, put }, ...placesOf(inner, at)];
  });
}

const OTHERS: readonly (Json | undefined)[] = [undefined, null, true, -1, 7, 'other', [], {}, { extra: 1 }];

describe('restore(backup())', () => {
  it('is the identity on every configuration, at once and after whatever change', async () => {
    const changes = fc.array(fc.record({ at: fc.nat(), options: poolOptions, factory }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(given, changes, async (what, later) => {
        const coordinator = coordinatorOf(what);
        const before = inForce(coordinator);
        const document = await stored(coordinator);
        expect((await coordinator.restore(document)).types.map(({ outcome }) => outcome)).toEqual(
          what.pooled.map(() => 'unchanged'),
        );
        expect(inForce(coordinator)).toEqual(before);
        for (const { at, options, factory } of later) {
          try {
            await coordinator.reconfigure(what.pooled[at % what.pooled.length].type, { ...options, factory });
          } catch {
            // What can't be changed to stays as it is.
          }
        }
        expect((await coordinator.restore(document)).outcome).toBe('applied');
        expect(inForce(coordinator)).toEqual(before);
        expect(coordinator.drift()).toEqual({});
        expect(said(await stored(coordinator))).toEqual(said(document));
        await ended(coordinator);
      }),
      TRIES,
    );
  });

  it('is the identity in another process with the same code', async () => {
    await fc.assert(
      fc.asyncProperty(given, async (what) => {
        const first = coordinatorOf(what);
        const document = await stored(first);
        const other = coordinatorOf(what);
        const before = inForce(other);
        expect(await other.restore(document)).toMatchObject({ outcome: 'applied', untouched: [] });
        expect(inForce(other)).toEqual(before);
        await ended(first, other);
      }),
      TRIES,
    );
  });

  it('refuses every damage of a single field, and changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        given,
        poolOptions,
        fc.nat(),
        fc.constantFrom(...OTHERS),
        async (what, now, at, other) => {
          const coordinator = coordinatorOf(what);
          await coordinator.cache.put('a', { of: [1, 'b'] }, { tags: ['t'] });
          const document = await stored(coordinator);
          await change(coordinator, what.pooled[0].type, now);
          const before = inForce(coordinator);
          const versions = coordinator.history(what.pooled[0].type).length;
          const places = placesOf(document as unknown as Json);
          const { value, put } = places[at % places.length];
          fc.pre(JSON.stringify(value) !== JSON.stringify(other));
          put(other);
          expect(await failureOf(coordinator.restore(document))).toBeInstanceOf(InvalidBackupError);
          expect(inForce(coordinator)).toEqual(before);
          expect(coordinator.history(what.pooled[0].type)).toHaveLength(versions);
          await ended(coordinator);
        },
      ),
      RUNS > 0 ? TRIES : { numRuns: 400, seed: 8 },
    );
  });

  it('refuses every damage of every field of some', async () => {
    for (const what of fc.sample(given, { numRuns: 4, seed: 12 })) {
      const coordinator = coordinatorOf(what);
      await coordinator.cache.put('a', { of: [1, 'b'] }, { tags: ['t'], ttl: 60_000 });
      await coordinator.cache.put('b', new Map());
      const written = JSON.stringify(await coordinator.backup({ values: true }));
      const { type } = what.pooled[0];
      await coordinator.reconfigure(type, { factory: { create: () => ({}), validate: () => true } });
      const before = inForce(coordinator);
      const places = placesOf(JSON.parse(written) as Json).length;
      for (let index = 0; index < places; index++)
        for (const other of OTHERS) {
          const document = JSON.parse(written) as Json;
          const { path, value, put } = placesOf(document)[index];
          if (JSON.stringify(value) === JSON.stringify(other)) continue;
          put(other);
          const error = await failureOf(coordinator.restore(document));
          if (!(error instanceof InvalidBackupError)) throw new Error(`${path}: ${String(error)}`);
        }
      expect(inForce(coordinator)).toEqual(before);
      expect(coordinator.history(type)).toHaveLength(2);
      await ended(coordinator);
    }
  });

  it('names the path of what nobody could have written, though the checksum were right', async () => {
    await fc.assert(
      fc.asyncProperty(
        given,
        fc.nat(),
        fc.constantFrom(null, -1, [], { extra: 1 }),
        async (what, at, other) => {
          const coordinator = coordinatorOf(what);
          const document = await stored(coordinator);
          const places = placesOf(document as unknown as Json).filter(({ path }) => path !== 'checksum');
          const { path, value, put } = places[at % places.length];
          fc.pre(!(Array.isArray(value) && Array.isArray(other)) && !/values|omitted/.test(path));
          put(other);
          const error = await failureOf(coordinator.restore(seal(document)));
          expect(error).toBeInstanceOf(InvalidBackupError);
          const { path: told } = error as InvalidBackupError;
          expect([path, told, told.startsWith(path)]).toEqual([path, told, true]);
          await ended(coordinator);
        },
      ),
      TRIES,
    );
  });

  it('refuses an unknown member wherever it stands, and names it', async () => {
    await fc.assert(
      fc.asyncProperty(
        given,
        fc.nat(),
        fc.constantFrom('extra', 'constructor', 'toString', 'reference'),
        async (what, at, name) => {
          const coordinator = coordinatorOf(what);
          const document = await stored(coordinator);
          const objects = placesOf(document as unknown as Json).filter(
            ({ value }) => typeof value === 'object' && value !== null && !Array.isArray(value),
          );
          const { path, value } = objects[at % objects.length];
          fc.pre(!Object.hasOwn(value as object, name) && !/values|omitted/.test(path));
          Object.assign(value as object, { [name]: 1 });
          const error = await failureOf(coordinator.restore(seal(document)));
          expect(error).toBeInstanceOf(InvalidBackupError);
          expect((error as InvalidBackupError).path.startsWith(path)).toBe(true);
          await ended(coordinator);
        },
      ),
      TRIES,
    );
  });
});

async function change(coordinator: ResourceCoordinator, type: string, options: object): Promise<void> {
  try {
    await coordinator.reconfigure(type, options);
  } catch {
    // What can't be changed to stays as it is.
  }
}

async function ended(...coordinators: ResourceCoordinator[]): Promise<void> {
  for (const coordinator of coordinators) await coordinator.cleanup({ deadline: 0 });
}
